package onex

import (
	"fmt"
	"time"

	"github.com/omninode-ai/onexevents/envelope"
	"github.com/omninode-ai/onexevents/runtime/internal/encode"
)

// deadLetter sends an event that is unfit for its topic to the topic's dead
// letters; that it is with the client is said at once. Where there are none,
// the event is lost.
func (d *dispatcher) deadLetter(l *lane, f failure) {
	d.intake.group(l, 1)
	if d.cfg.NoDeadLetters {
		d.lose(l, f.event, LossRefused, f.err)
		return
	}
	// Mask may be of the program's own making, and take its time.
	d.producer.aside(func() { d.sendLetter(l, f) })
	d.watch()
}

func (d *dispatcher) sendLetter(l *lane, f failure) {
	reason := "the failure could not be described"
	apart(func() { reason = d.cfg.Mask(f.err.Error()) })
	value, err := envelope.DeadLetter{
		OriginalTopic:    l.topic,
		OriginalKey:      string(f.event.key()),
		OriginalData:     f.event.value(),
		FailureReason:    encode.Cut(reason, d.cfg.MaxErrorBytes),
		FailureTimestamp: time.Now(),
		RetryAttempts:    1, // the event was sent again, alone
	}.AppendJSON(nil)
	if err != nil {
		d.lose(l, f.event, LossDeadLetter, fmt.Errorf("%w, after: %w", err, f.err))
		return
	}
	letter := &event{record: append(value, f.event.key()...), keyLen: f.event.keyLen}
	switch err := d.deliverLetter(l.topic+d.cfg.DeadLetterSuffix, letter); {
	case err == nil:
		d.producer.progress(time.Now())
		d.finish(f.event)
		d.intake.deadLettered(l, f.event)
	case judge(err) == again, judge(err) == poisoned && d.intake.isFirst(l, f.event):
		d.intake.failed(l, f.event, err)
	default:
		d.lose(l, f.event, LossDeadLetter, fmt.Errorf("%w, after: %w", err, f.err))
	}
}

// deliverLetter waits for Kafka, which somebody aside may. A topic that was made
// anew is forgotten, and found then.
func (d *dispatcher) deliverLetter(topic string, letter *event) error {
	err := d.producer.deliver(topic, letter)
	if !isUnknown(err) {
		return err
	}
	d.producer.purge(topic)
	if !isAnother(err) {
		return err // and has taken as long to find out as a topic is looked for
	}
	return d.producer.deliver(topic, letter)
}

// isFirst tells whether it is the first time that an event's dead letter has
// come back together with its client. If another client's does too, after the
// broker has refused the event itself once more, its topic is at fault.
func (in *intake) isFirst(l *lane, e *event) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	first := l.letter != e.seq
	l.letter = e.seq
	return first
}

// lose gives an event up that is with the client. It is in flight until that
// has been reported, and nothing waits for it meanwhile.
func (d *dispatcher) lose(l *lane, e *event, reason LossReason, err error) {
	d.intake.takeBack(l, e)
	d.reporter.put(report{lane: l, event: e, reason: reason, err: err})
	d.intake.givenUp(l)
}
