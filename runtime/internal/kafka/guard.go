package kafka

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
)

// What a program gives its client must not end the program: kgo calls most of it
// on goroutines of its own, where nobody could take back a panic, and some of it
// with a lock held. So everything goes through a guard, which reports a panic and
// goes on without.

var errGoexit = errors.New("it ended its goroutine")

// guarded runs f on a goroutine of its own, and returns how that ended if f did
// not return.
func guarded(f func()) (failure error) {
	done := make(chan error)
	go func() {
		failure := errGoexit
		defer func() {
			if cause := recover(); cause != nil {
				failure = fmt.Errorf("panic: %v", cause)
			}
			done <- failure
		}()
		f()
		failure = nil
	}()
	return <-done
}

// guard reports what panics; warn must not block.
type guard struct {
	warn func(message string, attrs ...any)
}

// took is deferred around what a program has given its client.
func (g guard) took(what string) {
	if cause := recover(); cause != nil {
		g.warn("what the program gave its Kafka client panicked", "what", what, "panic", fmt.Sprint(cause))
	}
}

// dialer makes a program's dialer one that kgo understands: it repeats at once,
// without a pause, what has failed with an error that is no net.OpError.
func dialer(dial func(context.Context, string, string) (net.Conn, error)) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, addr string) (conn net.Conn, err error) {
		if failure := guarded(func() { conn, err = dial(ctx, network, addr) }); failure != nil {
			conn, err = nil, fmt.Errorf("the dialer: %w", failure)
		}
		if _, ok := errors.AsType[*net.OpError](err); err != nil && !ok && ctx.Err() == nil {
			err = &net.OpError{Op: "dial", Net: network, Err: err}
		}
		return conn, err
	}
}

// logger also keeps a program's logger from being told of each time that the
// client is asked to send what it has.
type logger struct {
	kgo.Logger
	guard
}

func (l logger) Log(level kgo.LogLevel, msg string, keyvals ...any) {
	defer l.took("WithLogger")
	if msg != "flushing" && msg != "flushed" {
		l.Logger.Log(level, msg, keyvals...)
	}
}

func (l logger) Level() (level kgo.LogLevel) {
	defer l.took("WithLogger")
	return l.Logger.Level()
}

// partitioner guards a partitioner, which kgo calls with a lock held. A record
// for which it panics gets no partition, which is an error of that record.
type partitioner struct {
	kgo.Partitioner
	guard
}

func (p partitioner) ForTopic(topic string) kgo.TopicPartitioner {
	t := topicPartitioner{TopicPartitioner: noPartitions{}, guard: p.guard}
	func() {
		defer p.took("RecordPartitioner")
		t.TopicPartitioner = p.Partitioner.ForTopic(topic)
	}()
	newBatch, hasNewBatch := t.TopicPartitioner.(kgo.TopicPartitionerOnNewBatch)
	backup, hasBackup := t.TopicPartitioner.(kgo.TopicBackupPartitioner)
	switch {
	case hasNewBatch && hasBackup:
		return struct {
			byBackup
			onNewBatch
		}{byBackup{t, backup}, onNewBatch{newBatch, p.guard}}
	case hasNewBatch:
		return struct {
			topicPartitioner
			onNewBatch
		}{t, onNewBatch{newBatch, p.guard}}
	case hasBackup:
		return byBackup{t, backup}
	}
	return t
}

// noPartitions is for a topic for which there is no partitioner.
type noPartitions struct{}

func (noPartitions) RequiresConsistency(*kgo.Record) bool { return false }
func (noPartitions) Partition(*kgo.Record, int) int       { return -1 }

type topicPartitioner struct {
	kgo.TopicPartitioner
	guard
}

func (t topicPartitioner) RequiresConsistency(rec *kgo.Record) bool {
	defer t.took("RecordPartitioner")
	return t.TopicPartitioner.RequiresConsistency(rec)
}

func (t topicPartitioner) Partition(rec *kgo.Record, n int) (partition int) {
	partition = -1
	defer t.took("RecordPartitioner")
	return t.TopicPartitioner.Partition(rec, n)
}

type byBackup struct {
	topicPartitioner
	backup kgo.TopicBackupPartitioner
}

func (b byBackup) PartitionByBackup(rec *kgo.Record, n int, backup kgo.TopicBackupIter) (partition int) {
	partition = -1
	defer b.took("RecordPartitioner")
	return b.backup.PartitionByBackup(rec, n, backup)
}

type onNewBatch struct {
	newBatch kgo.TopicPartitionerOnNewBatch
	of       guard
}

func (o onNewBatch) OnNewBatch() {
	defer o.of.took("RecordPartitioner")
	o.newBatch.OnNewBatch()
}

// mechanism guards credentials, which a program may fetch from anywhere.
type mechanism struct{ sasl.Mechanism }

func (m mechanism) Authenticate(ctx context.Context, host string) (s sasl.Session, first []byte, err error) {
	if failure := guarded(func() { s, first, err = m.Mechanism.Authenticate(ctx, host) }); failure != nil {
		return nil, nil, fmt.Errorf("the SASL mechanism: %w", failure)
	}
	return session{s}, first, err
}

func (m mechanism) Close() {
	if closing, ok := m.Mechanism.(sasl.ClosingMechanism); ok {
		closing.Close() // on the goroutine that closes the client, which is guarded
	}
}

type session struct{ sasl.Session }

func (s session) Challenge(answer []byte) (done bool, next []byte, err error) {
	if failure := guarded(func() { done, next, err = s.Session.Challenge(answer) }); failure != nil {
		return false, nil, fmt.Errorf("the SASL mechanism: %w", failure)
	}
	return done, next, err
}
