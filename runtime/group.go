package onex

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/envelope"
	"github.com/omninode-ai/onexevents/runtime/internal/delivery"
	"github.com/omninode-ai/onexevents/runtime/internal/encode"
	"github.com/omninode-ai/onexevents/runtime/internal/kafka"
)

// group is what the client has been given at once. The last of its answers gives
// all of them to the machine.
type group struct {
	*delivery.Group
	shell   *shell
	sent    kafka.Group
	answers []delivery.Answer
	has     []atomic.Bool // its answer, by index
	left    atomic.Int32  // the client's answers, and Send's return
	early   *time.Timer   // until the machine is told of those that there are
	isAlone bool          // the timer's function is not running
}

// early is how long the answers of a group may take before the machine is told of
// those that there are: partitions may be stuck while others are not.
const early = 20 * time.Millisecond

// newGroup returns a group, or one that was used before.
func (s *shell) newGroup(d *delivery.Group) *group {
	g, _ := s.groups.Get().(*group)
	if g == nil {
		g = &group{shell: s}
		g.sent.Answer, g.sent.Done = g.answered, g.release
		g.early = time.AfterFunc(time.Hour, g.tellEarly)
		g.early.Stop()
	}
	n := len(d.Events)
	g.Group = d
	g.sent.Topic = d.Topic.Name
	g.sent.Records = slices.Grow(g.sent.Records[:0], n)[:n]
	g.answers = slices.Grow(g.answers[:0], n)[:n]
	g.has = slices.Grow(g.has[:0], n)[:n]
	g.left.Store(2)
	return g
}

// send gives a group to the client.
func (s *shell) send(d *delivery.Group) {
	g := s.newGroup(d)
	n := len(d.Events)
	for i, e := range d.Events {
		rec := &g.sent.Records[i]
		rec.Key, rec.Value, rec.Headers = e.Key(), e.Value(), headersOf(e)
		if a := attachedTo(e); a != nil {
			rec.Context = a.ctx
		}
	}
	if n > 1 {
		g.early.Reset(early)
	}
	taken := s.client.Send(&g.sent)
	if taken < n {
		s.tell(func(m *delivery.Machine, _ delivery.Time) { m.Shorten(d, taken) })
	}
	g.release()
}

// answered notes what the client says of an event. It runs on the client's
// goroutine, which must not wait.
func (g *group) answered(i int, rec *kgo.Record, v delivery.Verdict, err error) {
	if v == delivery.Delivered {
		g.shell.latency.add(time.Since(g.sent.At))
	}
	g.answers[i] = answerOf(v, err)
	g.answers[i].Partition = rec.Partition
	g.has[i].Store(true)
}

func answerOf(v delivery.Verdict, err error) delivery.Answer {
	return delivery.Answer{Verdict: v, Err: err, Anew: kafka.MadeAnew(err)}
}

func (g *group) release() {
	if g.left.Add(-1) > 0 {
		return
	}
	g.isAlone = g.early.Stop() || len(g.answers) == 1 // for which it was not begun
	if g.shell.reporter.debugs() {
		g.shell.reporter.put(report{delivered: g})
		return
	}
	g.answer()
}

// tellEarly tells the machine what has arrived, and will again, if there is more,
// until all has been answered for.
func (g *group) tellEarly() {
	var arrived []*delivery.Event
	g.shell.tell(func(m *delivery.Machine, now delivery.Time) {
		for i, e := range g.Events {
			if g.has[i].Load() && g.answers[i].Verdict == delivery.Delivered {
				arrived = append(arrived, e)
			}
		}
		if len(arrived) > 0 {
			m.Arrived(g.Group, arrived, now)
		}
	})
	if g.left.Load() > 0 {
		g.early.Reset(10 * early)
	}
}

// answer tells the machine what has become of the group. Then it may be used again,
// unless a hook of the program's may have kept a record.
func (g *group) answer() {
	g.shell.tell(func(m *delivery.Machine, now delivery.Time) { m.Answer(g.Group, g.answers[:len(g.Events)], now) })
	if !g.isAlone || g.shell.client.HasHooks() {
		return
	}
	clear(g.sent.Records[:len(g.answers)])
	clear(g.answers)
	clear(g.has)
	g.Group = nil
	g.shell.groups.Put(g)
}

// DeadLetter is an event that Kafka has refused for its own sake, and that now is
// in a topic of dead letters.
//
// The record there has the event's key, a value as the contract has it
// ([envelope.DeadLetter]), and beside the event's own headers those of
// [DeadLetterHeaders].
type DeadLetter struct {
	EventID       uuid.UUID
	EventType     string
	CorrelationID string // "" for a metric without one
	Topic         string // that has refused the event
	Key           string // of the record, there and here

	// Where the dead letter is.
	DeadLetterTopic string
	Partition       int32
	Offset          int64

	Code   string // Kafka's name of the reason, such as MESSAGE_TOO_LARGE
	Reason string // for people: the dead letter's failure_reason
	Err    error  // what Kafka has said of the event; its text is not masked
}

// letter is a dead letter that can be sent.
type letter struct {
	*delivery.Letter
	identity
	value  []byte
	reason string
}

// undescribed is the reason where the program's Mask does not return.
const undescribed = "the failure could not be described"

// bury makes a dead letter, and has the loop send it.
func (s *shell) bury(x *delivery.Letter) {
	l := &letter{Letter: x, identity: identify(x.Topic.Name, x.Event), reason: undescribed}
	reasons := make(chan string, 1)
	if s.reporter.masking.Call(func() { reasons <- encode.ErrorText(x.Err, s.cfg.Mask, s.cfg.MaxErrorBytes) }) == nil {
		l.reason = <-reasons
	}
	var err error
	l.value, err = envelope.DeadLetter{
		OriginalTopic:    x.Topic.Name,
		OriginalKey:      string(x.Event.Key()),
		OriginalData:     x.Event.Value(),
		FailureReason:    l.reason,
		FailureTimestamp: time.Now(),
		RetryAttempts:    1, // the event was sent again, alone
	}.AppendJSON(nil)
	if err != nil {
		s.buried(x, delivery.Answer{Verdict: delivery.RecordFault, Err: err})
		return
	}
	s.tell(func(*delivery.Machine, delivery.Time) { s.letters = append(s.letters, l) })
}

func (s *shell) sendLetter(l *letter) {
	var a delivery.Answer
	var sent *kgo.Record
	s.client.Send(&kafka.Group{
		Topic:   s.cfg.letters().Of(l.topic),
		Letter:  true,
		Records: []kgo.Record{{Key: l.Event.Key(), Value: l.value, Headers: l.headers()}},
		Answer: func(_ int, rec *kgo.Record, v delivery.Verdict, err error) {
			a, sent = answerOf(v, err), rec
		},
		Done: func() {
			if s.buried(l.Letter, a) {
				s.reporter.putLetter(l, sent)
			}
		},
	})
}

func (l *letter) headers() []kgo.RecordHeader {
	return append(headersOf(l.Event), []kgo.RecordHeader{
		{Key: HeaderOriginalTopic, Value: []byte(l.topic)},
		{Key: HeaderOriginalPartition, Value: strconv.AppendInt(nil, int64(l.Partition), 10)},
		{Key: HeaderFailureReason, Value: []byte(l.reason)},
		{Key: HeaderEventID, Value: []byte(l.id.String())},
	}...)
}

// buried tells whether the event is dead-lettered now.
func (s *shell) buried(l *delivery.Letter, a delivery.Answer) (is bool) {
	s.tell(func(m *delivery.Machine, now delivery.Time) {
		if is = m.Buried(l, a, now); is {
			s.deadLetters[codeOf(l.Err)]++
		}
	})
	return is
}

// deadLettered counts the dead letters by the code of their reasons; nil if there
// are none.
func (s *shell) deadLettered() map[string]int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.deadLetters) == 0 {
		return nil
	}
	return maps.Clone(s.deadLetters)
}

// codeOf returns Kafka's name of the reason for which it has refused an event.
func codeOf(err error) string {
	if answer, ok := errors.AsType[*kerr.Error](err); ok {
		return answer.Message
	}
	return "UNKNOWN"
}

// told is what the program is told of a dead letter that is now in a record.
func (l *letter) told(rec *kgo.Record) DeadLetter {
	return DeadLetter{
		EventID: l.id, EventType: l.eventType, CorrelationID: l.correlationID, Topic: l.topic, Key: string(l.Event.Key()),
		DeadLetterTopic: rec.Topic, Partition: rec.Partition, Offset: rec.Offset,
		Code: codeOf(l.Err), Reason: l.reason, Err: l.Err,
	}
}
