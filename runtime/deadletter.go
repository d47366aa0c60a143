package onex

import (
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/envelope"
)

// deadLetter sends an event that is unfit for its topic to the topic's dead
// letters, and returns whether the client has it. Where there are none, the
// event is lost.
func (d *dispatcher) deadLetter(l *lane, f failure) bool {
	d.intake.group(l, 1)
	lose := func(reason LossReason, err error) {
		d.reporter.put(report{lane: l, event: f.event, reason: reason, err: err})
		d.intake.givenUp(l)
	}
	if d.cfg.NoDeadLetters {
		lose(LossRefused, f.err)
		return true
	}
	value, err := envelope.DeadLetter{
		OriginalTopic:    l.topic,
		OriginalKey:      string(f.event.key()),
		OriginalData:     f.event.value(),
		FailureReason:    cut(d.cfg.Mask(f.err.Error()), d.cfg.MaxErrorBytes),
		FailureTimestamp: time.Now(),
		RetryAttempts:    1, // the event was sent again, alone
	}.AppendJSON(nil)
	if err != nil {
		lose(LossDeadLetter, fmt.Errorf("%w, after: %w", err, f.err))
		return true
	}
	d.sent = true
	letter := &event{record: append(value, f.event.key()...), keyLen: f.event.keyLen}
	d.producer.produce(l.topic+d.cfg.DeadLetterSuffix, letter, nil, func(_ *kgo.Record, err error) {
		switch {
		case err == nil:
			d.producer.progress()
			d.intake.deadLettered(l, f.event)
		case judge(err) == again:
			d.intake.failed(l, f.event, err)
		default:
			lose(LossDeadLetter, fmt.Errorf("%w, after: %w", err, f.err))
		}
	})
	return true
}
