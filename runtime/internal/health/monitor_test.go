package health

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// bench is a Monitor whose clock a script moves on, and the hooks of a client.
type bench struct {
	*Hooks
	at     time.Duration
	told   []Cause // of each change
	change uint64
}

// do lets events happen, and notes what changes.
func (b *bench) do(events ...event) {
	for _, e := range events {
		e(b)
		if s := b.Snapshot(); s.Change != b.change {
			b.change = s.Change
			b.told = append(b.told, s.Cause)
		}
	}
}

func newBench() *bench {
	b := &bench{at: time.Hour}
	b.Hooks = New(Config{
		SpoolAfter: 5 * time.Second,
		IsLetters:  func(topic string) bool { return strings.HasSuffix(topic, ".dlq") },
		Elapsed:    func() time.Duration { return b.at },
	}).Hooks()
	return b
}

// Events of a script. A broker's node is -1 if the program names it, and 1, 2, …
// if it is at an address that brokers give themselves.
type event func(*bench)

func pass(d time.Duration) event {
	return func(b *bench) {
		for end := b.at + d; b.at < end; {
			b.do(func(b *bench) { b.at = min(end, b.at+tick); b.Tick() })
		}
	}
}

func broker(node int32) kgo.BrokerMetadata { return kgo.BrokerMetadata{NodeID: node} }

func heard(node int32) event {
	return func(b *bench) { b.OnBrokerE2E(broker(node), keyMetadata, kgo.BrokerE2E{}) }
}

func connects(node int32, err error) event {
	return func(b *bench) { b.OnBrokerConnect(broker(node), 0, nil, err) }
}

func pinged(err error, meanwhile ...event) event {
	return func(b *bench) {
		clients := b.beginPing()
		b.do(meanwhile...)
		b.conclude(b.explain(clients, err))
	}
}

func sent(topics ...string) event {
	return func(b *bench) {
		for _, t := range topics {
			b.Sent(t)
		}
	}
}

func failed(err error, topics ...string) event {
	return func(b *bench) {
		for _, t := range topics {
			b.Failed(t, err)
		}
	}
}

// answered is a broker's answer to a produce request, ackedPart one that acknowledges a
// batch, and acked the one that acknowledges the last of a group.
func answered(node int32, after time.Duration, err error) event {
	return func(b *bench) {
		b.OnBrokerE2E(broker(node), keyProduce, kgo.BrokerE2E{ReadWait: after, ReadErr: err})
	}
}

func ackedPart(node int32, topic string) event {
	return func(b *bench) {
		answered(node, time.Millisecond, nil)(b)
		b.OnProduceBatchWritten(broker(node), topic, 0, kgo.ProduceBatchMetrics{})
	}
}

func acked(node int32, topic string) event {
	return func(b *bench) {
		ackedPart(node, topic)(b)
		b.Answered(topic)
	}
}

func throttled(node int32, wait time.Duration) event {
	return func(b *bench) {
		answered(node, time.Millisecond, nil)(b)
		b.OnBrokerThrottle(broker(node), wait, true)
	}
}

func written(err error) event { return func(b *bench) { b.Disk("a write to the spool", true)(err) } }

func producerID(err error) event { return func(b *bench) { b.ProducerID(err) } }

const keyMetadata = 3

var (
	refused = &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	noName  = &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "kafka-7"}}
	mute    = os.ErrDeadlineExceeded
	second  = time.Second
	up      = Cause("")
)

func repeat(n int, events ...event) event {
	return func(b *bench) {
		for range n {
			b.do(events...)
		}
	}
}

// What is wrong with 300 topics is said in a line.
func TestManyTopics(t *testing.T) {
	b := newBench()
	b.do(heard(1))
	for i := range 300 {
		b.do(failed(kerr.UnknownTopicOrPartition, fmt.Sprintf("topic-%03d", i)))
	}
	b.do(failed(kerr.InvalidTimestamp, "z"))
	s := b.Snapshot()
	const want = "clock: z; topic_missing: topic-000, topic-001, topic-002 and 297 more"
	if text := s.Err.Error(); s.Cause != TopicMissing || len(s.Topics) != 301 || !strings.Contains(text, want) || len(text) > 300 || !errors.Is(s.Err, kerr.UnknownTopicOrPartition) {
		t.Errorf("%+v", s)
	}
	if got := TopicsText(s.Topics); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// What happens, and what the health is then; told are the causes in between, in
// their order, each of which is told once.
func TestScripts(t *testing.T) {
	start := heard(1)
	for _, tt := range []struct {
		name   string
		script []event
		told   []Cause
		topics map[string]Cause
		text   string
	}{
		{"nothing yet", nil, nil, nil, "no broker has answered yet"},
		{"a broker answers", []event{start}, []Cause{up}, nil, ""},
		{"nobody is there", []event{pinged(refused, connects(-1, refused))}, []Cause{Refused}, nil, "refused"},
		{"one of several is away at first", []event{connects(-1, refused), start}, []Cause{up}, nil, ""},
		{"one of several is mute at first", []event{connects(-1, mute), start}, []Cause{Timeout, up}, nil, ""},
		{"all are away, and come back", []event{start, pinged(refused), pinged(refused), pinged(nil)}, []Cause{up, Refused, up}, nil, ""},
		{"heard while it was asked in vain", []event{start, pinged(refused, heard(2))}, []Cause{up}, nil, ""},
		{
			"an HTTP server",
			[]event{pinged(errors.New("invalid large response size 1213486160 > limit 104857600; the four size bytes are 'HTTP' in ascii, the beginning of an HTTP response; is your broker port correct?"))},
			[]Cause{NotKafka},
			nil, "HTTP",
		},

		{
			"advertised addresses refuse, and nothing is published",
			[]event{heard(-1), pinged(nil, connects(1, refused), heard(-1)), pass(time.Minute), pinged(nil, connects(1, refused), heard(-1))},
			[]Cause{up, Refused},
			nil, "advertised",
		},
		{
			"advertised addresses do not resolve, and pings are answered",
			[]event{heard(-1), sent("a"), repeat(100, connects(1, noName), heard(-1), pass(100*time.Millisecond))},
			[]Cause{up, DNS},
			nil, "no such host",
		},
		{
			"advertised addresses come right",
			[]event{heard(-1), pinged(nil, connects(1, refused), heard(-1)), pinged(nil, heard(1))},
			[]Cause{up, Refused, up},
			nil, "",
		},
		{
			"one of the advertised is away",
			[]event{heard(-1), pinged(nil, connects(1, refused), heard(2)), pass(time.Minute)},
			[]Cause{up},
			nil, "",
		},

		{"frozen, just before", []event{start, sent("a"), acked(1, "a"), sent("a"), pass(6400 * time.Millisecond)}, []Cause{up}, nil, ""},
		{"frozen", []event{start, sent("a"), acked(1, "a"), sent("a"), pass(10 * second)}, []Cause{up, Timeout}, nil, "acknowledged nothing for 7s"},
		{"frozen from the beginning", []event{sent("a"), pass(6400 * time.Millisecond), pass(time.Second)}, []Cause{Timeout}, nil, "acknowledged nothing for 7s\nno broker has answered yet"},
		{"frozen in the middle of a group", []event{start, sent("a"), ackedPart(1, "a"), pass(10 * second)}, []Cause{up, Timeout}, nil, ""},
		{"frozen, and pings are answered", []event{start, sent("a"), repeat(10, heard(1), pass(second))}, []Cause{up, Timeout}, nil, ""},
		{"frozen, and the client renewed", []event{start, sent("a"), repeat(10, failed(kgo.ErrClientClosed, "a"), sent("a"), pass(second))}, []Cause{up, Timeout}, nil, ""},
		{"a request that is not answered", []event{start, sent("a"), pass(2 * second), answered(1, 2*second, mute)}, []Cause{up, Timeout}, nil, "no answer to a produce request"},
		{"and others are", []event{start, sent("a", "b"), pass(second), acked(2, "b"), pass(second), answered(1, 2*second, mute)}, []Cause{up}, nil, ""},
		{"thawed", []event{start, sent("a"), pass(10 * second), acked(1, "a"), pass(time.Hour)}, []Cause{up, Timeout, up}, nil, ""},
		{
			"acknowledged at the moment when silence is found",
			[]event{start, sent("a"), pass(10 * second), func(b *bench) { b.at += second; b.settled.Store(int64(b.elapsed())) }, pass(second)},
			[]Cause{up, Timeout, up},
			nil, "",
		},
		{
			"frozen, then gone",
			[]event{start, sent("a"), pass(10 * second), connects(1, refused), pass(second)},
			[]Cause{up, Timeout, Refused},
			nil, "refused",
		},
		{
			"everything takes 6 s",
			[]event{start, repeat(20, sent("a"), pass(6*second), answered(1, 6*second, nil), acked(1, "a"))},
			[]Cause{up},
			nil, "",
		},
		{
			"slower than anybody waits, but it goes on",
			[]event{start, repeat(20, sent("a"), pass(12*second), func(b *bench) {
				acked(1, "a")(b)
				answered(1, 12*second, nil)(b)
			})},
			[]Cause{up, Timeout, up},
			nil, "",
		},
		{"refusals for a record's own sake are answers", []event{start, repeat(20, sent("a"), pass(second), func(b *bench) { b.Refused(); b.Answered("a") })}, []Cause{up}, nil, ""},

		{"no producer id before any ping is answered", []event{producerID(kerr.SaslAuthenticationFailed)}, []Cause{Authentication}, nil, "producer id"},
		{"no producer id", []event{start, producerID(kerr.ClusterAuthorizationFailed), producerID(kerr.ClusterAuthorizationFailed)}, []Cause{up, Authorization}, nil, "producer id"},
		{"no producer id by policy", []event{start, producerID(kerr.PolicyViolation), pass(time.Minute), producerID(nil)}, []Cause{up, Throttled, up}, nil, ""},
		{"no producer id for want of a broker", []event{start, producerID(refused)}, []Cause{up}, nil, ""},

		{"one topic is missing", []event{start, sent("a"), acked(1, "a"), sent("b"), failed(kerr.UnknownTopicOrPartition, "b"), pass(time.Minute)}, []Cause{up, up}, map[string]Cause{"b": TopicMissing}, ""},
		{"all topics are missing", []event{start, sent("a", "b"), failed(kerr.UnknownTopicOrPartition, "a"), failed(kerr.UnknownTopicOrPartition, "b")}, []Cause{up, up, TopicMissing}, map[string]Cause{"a": TopicMissing, "b": TopicMissing}, "a, b"},
		{"all but dead letters", []event{start, acked(1, "a.dlq"), failed(kerr.UnknownTopicOrPartition, "a")}, []Cause{up, TopicMissing}, map[string]Cause{"a": TopicMissing}, ""},
		{"a topic that was missing is there", []event{start, failed(kerr.UnknownTopicOrPartition, "a"), acked(1, "a")}, []Cause{up, TopicMissing, up}, nil, ""},
		{"one is stalled, and the others are quiet", []event{start, acked(1, "a"), sent("b"), pass(second), func(b *bench) { b.Stalled("b") }, pass(time.Minute)}, []Cause{up, up}, map[string]Cause{"b": Timeout}, ""},
		{"a dead letter is stalled", []event{start, sent("a.dlq"), repeat(10, pass(second), sent("a"), acked(1, "a"))}, []Cause{up, up}, map[string]Cause{"a.dlq": Timeout}, ""},
		{"an odd answer about a topic", []event{start, acked(1, "a"), failed(kerr.InvalidRecord, "b")}, []Cause{up, up}, map[string]Cause{"b": Other}, ""},
		{"the clock is off", []event{start, failed(kerr.InvalidTimestamp, "a")}, []Cause{up, Clock}, map[string]Cause{"a": Clock}, "timestamp"},

		{"throttled for a moment", []event{start, throttled(1, second), pass(10 * second)}, []Cause{up}, nil, ""},
		{"throttled", []event{start, throttled(1, 20*second)}, []Cause{up, Throttled}, nil, "20s"},
		{"throttled, acknowledged with it", []event{start, sent("a"), throttled(1, 20*second), func(b *bench) { b.OnProduceBatchWritten(broker(1), "a", 0, kgo.ProduceBatchMetrics{}) }}, []Cause{up, Throttled}, nil, ""},
		{"throttled, another broker acknowledges", []event{start, throttled(1, 20*second), acked(2, "a")}, []Cause{up, Throttled, up}, nil, ""},
		{"throttled, acknowledged later", []event{start, throttled(1, 20*second), acked(1, "a")}, []Cause{up, Throttled, up}, nil, ""},
		{"throttled, and over", []event{start, throttled(1, 20*second), pass(21 * second)}, []Cause{up, Throttled, up}, nil, ""},
		{"throttled for 24 days", []event{start, throttled(1, (1<<31-1)*time.Millisecond), pass(time.Minute + second)}, []Cause{up, Throttled, up}, nil, ""},
		{"throttled, and answered when it is over", []event{start, sent("a"), throttled(1, 20*second), pass(22 * second), acked(1, "a"), pass(time.Minute)}, []Cause{up, Throttled, up}, nil, ""},
		{"throttled, and silent when it is over", []event{start, sent("a"), throttled(1, 20*second), pass(31 * second)}, []Cause{up, Throttled, up, Timeout}, nil, ""},
		{"throttled, and silent", []event{start, sent("a"), throttled(1, 20*second), pass(15 * second)}, []Cause{up, Throttled}, nil, ""},

		{"the disk is full", []event{start, written(&fs.PathError{Op: "write", Err: syscall.ENOSPC})}, []Cause{up, DiskFull}, nil, "no space"},
		{"the disk is gone", []event{start, written(&fs.PathError{Op: "open", Path: "/spool/1", Err: syscall.ENOENT})}, []Cause{up, DiskMissing}, nil, "/spool/1"},
		{"the disk is odd", []event{start, written(fs.ErrPermission), written(context.Canceled)}, []Cause{up, Other}, nil, "permission"},
		{"the disk is full, and can be read", []event{start, written(syscall.ENOSPC), func(b *bench) { b.Disk("a read from the spool", false)(nil) }}, []Cause{up, DiskFull}, nil, "no space"},
		{"the disk is well again", []event{start, written(fs.ErrPermission), written(nil)}, []Cause{up, Other, up}, nil, ""},
		{"the disk hangs", []event{start, func(b *bench) { b.Disk("a write to the spool", true) }, pass(6 * second)}, []Cause{up, DiskHangs}, nil, "a write to the spool has taken longer"},
		{"the disk hung", []event{start, func(b *bench) {
			end := b.Disk("a write to the spool", true)
			pass(6 * second)(b)
			end(nil)
		}}, []Cause{up, DiskHangs, up}, nil, ""},
		{"no Kafka, no disk", []event{start, written(syscall.ENOSPC), pinged(refused)}, []Cause{up, DiskFull, Refused}, nil, "no space"},

		{"closed", []event{start, func(b *bench) { b.Close() }, acked(1, "a"), pinged(refused)}, []Cause{up, Closed}, nil, "closed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench()
			b.do(tt.script...)
			s := b.Snapshot()
			if !slices.Equal(b.told, tt.told) {
				t.Errorf("told %q, want %q", b.told, tt.told)
			}
			if !maps.Equal(s.Topics, tt.topics) {
				t.Errorf("topics %v, want %v", s.Topics, tt.topics)
			}
			if (s.Err == nil) != s.Up || s.Up != (s.Cause == "") {
				t.Errorf("%+v", s)
			}
			if tt.text != "" && (s.Err == nil || !strings.Contains(s.Err.Error(), tt.text)) {
				t.Errorf("%v does not say %q", s.Err, tt.text)
			}
		})
	}
}

// Once a broker has answered, one that cuts a connection off is on its way
// down, and nothing is wrong with TLS or the credentials.
func TestNoGuessesLater(t *testing.T) {
	cutOff := &kgo.ErrFirstReadEOF{}
	b := newBench()
	for _, want := range []struct{ made, ready Cause }{{TLS, Authentication}, {Other, Other}} {
		clients := b.beginPing()
		b.do(connects(-1, cutOff))
		if f := b.explain(clients, cutOff); f.cause != want.made {
			t.Errorf("cut off while the connection was made: %v, want %s", f, want.made)
		}
		b.beginPing()
		b.do(connects(-1, nil))
		if f := b.explain(clients, cutOff); f.cause != want.ready {
			t.Errorf("cut off when the connection was ready: %v, want %s", f, want.ready)
		}
		b.conclude(fault{})
	}
}

// A client that is replaced lets its connections time out, of which nothing
// follows, nor from a ping by it; its successor is believed.
func TestRetiredClient(t *testing.T) {
	b := newBench()
	b.do(heard(1), sent("a"), pass(second))
	clients := b.beginPing()
	b.Retire()
	b.do(answered(1, second, mute), connects(1, mute), throttled(1, time.Hour))
	b.conclude(b.explain(clients, mute))
	if s := b.Snapshot(); !s.Up || len(b.suspicious) > 0 {
		t.Errorf("%+v, suspicious: %d", s, len(b.suspicious))
	}
	b.Hooks = b.Monitor.Hooks()
	b.do(answered(1, second, mute))
	if s := b.Snapshot(); s.Cause != Timeout {
		t.Errorf("%+v", s)
	}
}

// A single broker that fails is a reason to ask, and no more; an answer is a
// reason not to.
func TestSuspicion(t *testing.T) {
	b := newBench()
	b.do(heard(1), connects(1, kgo.ErrClientClosed), answered(1, 0, context.Canceled))
	if len(b.suspicious) > 0 {
		t.Error("what the client has ended itself is suspicious")
	}
	for name, e := range map[string]event{"connect": connects(1, refused), "request": answered(1, 0, syscall.EPIPE)} {
		b.do(e)
		if s := b.Snapshot(); len(b.suspicious) == 0 || !s.Up {
			t.Errorf("%s: suspicious %d, %+v", name, len(b.suspicious), s)
		}
		b.conclude(fault{})
		if len(b.suspicious) > 0 {
			t.Errorf("%s: the suspicion is left after an answer", name)
		}
	}
}

// What an acknowledgement costs does not depend on how many topics suffer:
//
//	go test ./runtime/internal/health -run '^$' -bench SufferingTopics
func BenchmarkSufferingTopics(b *testing.B) {
	for _, n := range []int{100, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			m := newBench()
			names := make([]string, n)
			for i := range names {
				names[i] = fmt.Sprint("t", i)
				m.Failed(names[i], kerr.UnknownTopicOrPartition)
			}
			for i := 0; b.Loop(); i++ {
				m.acknowledged(names[i%n], nobody)
				m.Failed(names[i%n], kerr.UnknownTopicOrPartition)
			}
		})
	}
}
