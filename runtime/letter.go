package onex

import (
	"errors"
	"maps"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/envelope"
	"github.com/omninode-ai/onexevents/runtime/internal/delivery"
	"github.com/omninode-ai/onexevents/runtime/internal/encode"
	"github.com/omninode-ai/onexevents/runtime/internal/kafka"
)

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

// The headers of a dead letter. Their values are text. The first three have the
// names that Kafka Connect gives to those of its own dead letters, so that tools
// which show these show ours.
const (
	HeaderOriginalTopic     = "__connect.errors.topic"
	HeaderOriginalPartition = "__connect.errors.partition" // that has refused the event
	HeaderFailureReason     = "__connect.errors.exception.message"
	HeaderEventID           = "event_id"
)

// DeadLetterHeaders returns the keys of the headers that a dead letter has beside
// those of its event, in the order in which it has them.
func DeadLetterHeaders() []string {
	return []string{HeaderOriginalTopic, HeaderOriginalPartition, HeaderFailureReason, HeaderEventID}
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
