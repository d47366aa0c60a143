package onex

import (
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/envelope"
	"github.com/omninode-ai/onexevents/runtime/internal/delivery"
	"github.com/omninode-ai/onexevents/runtime/internal/encode"
	"github.com/omninode-ai/onexevents/runtime/internal/kafka"
)

// letter is a dead letter that can be sent.
type letter struct {
	*delivery.Letter
	value []byte
}

// bury makes a dead letter, and has the loop send it. Mask may be of the program's
// own making, and take its time.
func (s *shell) bury(l *delivery.Letter) {
	reason := "the failure could not be described"
	apart(func() { reason = encode.ErrorText(l.Err, s.cfg.Mask, s.cfg.MaxErrorBytes) })
	value, err := envelope.DeadLetter{
		OriginalTopic:    l.Topic.Name,
		OriginalKey:      string(l.Event.Key()),
		OriginalData:     l.Event.Value(),
		FailureReason:    reason,
		FailureTimestamp: time.Now(),
		RetryAttempts:    1, // the event was sent again, alone
	}.AppendJSON(nil)
	if err != nil {
		s.buried(l, delivery.Answer{Verdict: delivery.RecordFault, Err: err})
		return
	}
	s.tell(func(*delivery.Machine, delivery.Time) { s.letters = append(s.letters, &letter{l, value}) })
}

func (s *shell) sendLetter(l *letter) {
	s.client.Send(kafka.Group{
		Topic:   s.cfg.letters().Of(l.Topic.Name),
		Letter:  true,
		Records: []kgo.Record{{Key: l.Event.Key(), Value: l.value, Headers: headersOf(l.Event)}},
		Answer: func(_ int, _ *kgo.Record, v delivery.Verdict, err error) {
			s.buried(l.Letter, answerOf(v, err))
		},
	})
}

func (s *shell) buried(l *delivery.Letter, a delivery.Answer) {
	s.tell(func(m *delivery.Machine, now delivery.Time) { m.Buried(l, a, now) })
}
