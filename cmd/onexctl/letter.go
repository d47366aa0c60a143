package main

import (
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/envelope"
)

// letter is a dead letter without its data, of which there may be very many.
type letter struct {
	position
	topicID kadm.TopicID
	at      time.Time
	size    int
	letter  *envelope.DeadLetter // nil if it is not one
	env     *envelope.V1         // nil if what it has is not an event
	fault   error                // why it cannot be replayed
}

func newLetter(r *kgo.Record, id kadm.TopicID, suffix string) *letter {
	l := &letter{position: positionOf(r), topicID: id, at: r.Timestamp, size: len(r.Value)}
	dead, err := envelope.DecodeDeadLetter(r.Value)
	if err != nil {
		l.fault = err
		return l
	}
	l.letter, l.at = &dead, dead.FailureTimestamp
	l.env, l.fault = envelope.Decode(dead.OriginalData)
	if l.env != nil {
		l.env.Payload, l.env.Metadata = nil, nil
	}
	dead.OriginalData = nil
	if l.fault == nil && dead.OriginalTopic+suffix != r.Topic {
		// Anybody who may write to one topic could write to all, else.
		l.fault = fmt.Errorf("its original topic is %s, and these are not the dead letters of that topic", dead.OriginalTopic)
	}
	return l
}

// reason is why it is a dead letter.
func (l *letter) reason() string {
	if l.letter == nil {
		return ""
	}
	return l.letter.FailureReason
}

// event identifies the event; several dead letters may be the same.
func (l *letter) event() string {
	if l.env == nil {
		return l.position.String()
	}
	return eventKey(l.letter.OriginalTopic, l.env.EventID.String())
}

// isCalled tells whether an id of a selection is this one's.
func (l *letter) isCalled(id string) bool {
	return id == l.position.String() || l.env != nil && beginsWith(l.env.EventID, id)
}

// line is the dead letter on one line.
func (l *letter) line(p paint, w *widths) string {
	at := p.in(dim, l.at.Local().Format(stamp))
	if l.env == nil {
		return fmt.Sprintf("%s %s: %s", at, printable(l.position.String()), p.in(yellow, "cannot be read: "+printable(l.fault.Error())))
	}
	line := fmt.Sprintf("%s %s %s %s %s %s", at, l.env.EventID, pad(l.env.EventType, &w.typ, typWidth),
		p.in(dim, fmt.Sprintf("%-8s", short(l.env.CorrelationID))), pad(l.env.SourceNodeID, &w.node, nodeWidth),
		p.in(red, printable(l.reason())))
	if l.fault != nil {
		line += p.in(yellow, " (cannot be replayed: "+printable(l.fault.Error())+")")
	}
	return line
}
