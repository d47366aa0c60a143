package kafka

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"

	"github.com/omninode-ai/onexevents/runtime/internal/guest"
)

// What a program gives its client must not end the program: kgo calls most of it
// on goroutines of its own, where nobody could take back a panic, and some of it
// with a lock held. So everything goes through a guard, which reports a panic and
// goes on without.

// guarded runs f on a goroutine of its own, and returns how that ended if f did
// not return.
func guarded(f func()) (failure error) {
	return guest.Apart(func() { guest.Within(f) })
}

// guard reports what panics; warn must not block.
type guard struct {
	warn func(message string, attrs ...any)
}

// call calls what a program has given its client, on the client's goroutine.
func (g guard) call(what string, f func()) {
	if failure := guest.Safely(func() { guest.Within(f) }); failure != nil {
		g.warn("what the program gave its Kafka client panicked", "what", what, "error", failure)
	}
}

// longestCall bounds what a client waits for without a bound of its own.
const longestCall = 30 * time.Second

// bounded calls what a program has given its client, and waits until ctx ends, or
// for longestCall. What comes later goes to late, if that is not nil.
func bounded[T any](ctx context.Context, what string, call func() (T, error), late func(T)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		var r result
		if failure := guarded(func() { r.value, r.err = call() }); failure != nil {
			r = result{err: fmt.Errorf("%s: %w", what, failure)}
		}
		r.err = guest.Tame(r.err)
		done <- r
	}()
	timer := time.NewTimer(longestCall)
	defer timer.Stop()
	r := result{}
	select {
	case r = <-done:
		return r.value, r.err
	case <-ctx.Done():
		r.err = ctx.Err()
	case <-timer.C:
		r.err = fmt.Errorf("%s does not return: %w", what, os.ErrDeadlineExceeded)
	}
	go func() {
		if r := <-done; r.err == nil && late != nil {
			_ = guest.Safely(func() { late(r.value) })
		}
	}()
	return r.value, r.err
}

// dialer makes a program's dialer one that kgo understands: it repeats at once,
// without a pause, what has failed with an error that is no net.OpError, and it
// waits for a dialer that does not return.
func dialer(dial func(context.Context, string, string) (net.Conn, error)) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := bounded(ctx, "the dialer", func() (net.Conn, error) {
			conn, err := dial(ctx, network, addr)
			if err == nil && conn == nil {
				err = errors.New("it returned nothing")
			}
			return conn, err
		}, func(conn net.Conn) { _ = conn.Close() })
		if err == nil {
			return connection(conn), nil
		}
		if _, ok := err.(*net.OpError); !ok && ctx.Err() == nil {
			err = &net.OpError{Op: "dial", Net: network, Err: err}
		}
		return nil, err
	}
}

// connection guards a connection, unless it is of the standard library.
func connection(conn net.Conn) net.Conn {
	if guest.IsStandard(conn) {
		return conn
	}
	return guardedConn{conn}
}

type guardedConn struct{ net.Conn }

func (c guardedConn) do(f func() (int, error)) (n int, err error) {
	if failure := guest.Safely(func() { guest.Within(func() { n, err = f() }) }); failure != nil {
		return 0, fmt.Errorf("the dialer's connection: %w", failure)
	}
	return n, guest.Tame(err)
}

func (c guardedConn) Read(b []byte) (int, error) {
	return c.do(func() (int, error) { return c.Conn.Read(b) })
}

func (c guardedConn) Write(b []byte) (int, error) {
	return c.do(func() (int, error) { return c.Conn.Write(b) })
}

func (c guardedConn) Close() error {
	_, err := c.do(func() (int, error) { return 0, c.Conn.Close() })
	return err
}

func (c guardedConn) SetDeadline(t time.Time) error {
	_, err := c.do(func() (int, error) { return 0, c.Conn.SetDeadline(t) })
	return err
}

func (c guardedConn) SetReadDeadline(t time.Time) error {
	_, err := c.do(func() (int, error) { return 0, c.Conn.SetReadDeadline(t) })
	return err
}

func (c guardedConn) SetWriteDeadline(t time.Time) error {
	_, err := c.do(func() (int, error) { return 0, c.Conn.SetWriteDeadline(t) })
	return err
}

// logger also keeps a program's logger from being told of each time that the
// client is asked to send what it has.
type logger struct {
	kgo.Logger
	guard
}

func (l logger) Log(level kgo.LogLevel, msg string, keyvals ...any) {
	if msg != "flushing" && msg != "flushed" {
		l.call("WithLogger", func() { l.Logger.Log(level, msg, keyvals...) })
	}
}

func (l logger) Level() (level kgo.LogLevel) {
	l.call("WithLogger", func() { level = l.Logger.Level() })
	return level
}

// partitioner guards a partitioner, which kgo calls with a lock held. A record
// for which it panics gets no partition, which is an error of that record.
type partitioner struct {
	kgo.Partitioner
	guard
}

func (p partitioner) ForTopic(topic string) kgo.TopicPartitioner {
	t := topicPartitioner{TopicPartitioner: noPartitions{}, guard: p.guard}
	p.call("RecordPartitioner", func() {
		if of := p.Partitioner.ForTopic(topic); of != nil {
			t.TopicPartitioner = of
		}
	})
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

func (t topicPartitioner) RequiresConsistency(rec *kgo.Record) (consistent bool) {
	t.call("RecordPartitioner", func() { consistent = t.TopicPartitioner.RequiresConsistency(rec) })
	return consistent
}

func (t topicPartitioner) Partition(rec *kgo.Record, n int) (partition int) {
	partition = -1
	t.call("RecordPartitioner", func() { partition = t.TopicPartitioner.Partition(rec, n) })
	return partition
}

type byBackup struct {
	topicPartitioner
	backup kgo.TopicBackupPartitioner
}

func (b byBackup) PartitionByBackup(rec *kgo.Record, n int, backup kgo.TopicBackupIter) (partition int) {
	partition = -1
	b.call("RecordPartitioner", func() { partition = b.backup.PartitionByBackup(rec, n, backup) })
	return partition
}

type onNewBatch struct {
	newBatch kgo.TopicPartitionerOnNewBatch
	of       guard
}

func (o onNewBatch) OnNewBatch() {
	o.of.call("RecordPartitioner", o.newBatch.OnNewBatch)
}

// mechanism guards credentials, which a program may fetch from anywhere.
type mechanism struct{ sasl.Mechanism }

func (m mechanism) Authenticate(ctx context.Context, host string) (sasl.Session, []byte, error) {
	type begun struct {
		sasl.Session
		first []byte
	}
	b, err := bounded(ctx, "the SASL mechanism", func() (b begun, err error) {
		b.Session, b.first, err = m.Mechanism.Authenticate(ctx, host)
		return b, err
	}, nil)
	if err != nil {
		return nil, nil, err
	}
	return session{b.Session}, b.first, nil
}

func (m mechanism) Close() {
	if closing, ok := m.Mechanism.(sasl.ClosingMechanism); ok {
		closing.Close() // on the goroutine that closes the client, which is guarded
	}
}

type session struct{ sasl.Session }

func (s session) Challenge(answer []byte) (bool, []byte, error) {
	type challenged struct {
		done bool
		next []byte
	}
	c, err := bounded(context.Background(), "the SASL mechanism", func() (c challenged, err error) {
		c.done, c.next, err = s.Session.Challenge(answer)
		return c, err
	}, nil)
	return c.done, c.next, err
}
