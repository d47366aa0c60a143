package deadletters

import (
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/cluster"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/command"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
	"github.com/omninode-ai/onexevents/envelope"
)

// letter is a dead letter without its data, of which there may be very many.
type letter struct {
	cluster.Position
	topicID kadm.TopicID
	at      time.Time
	size    int
	letter  *envelope.DeadLetter // nil if it is not one
	env     *envelope.V1         // nil if what it has is not an event
	fault   error                // why it cannot be replayed
}

func newLetter(r *kgo.Record, id kadm.TopicID, suffix string) *letter {
	l := &letter{Position: cluster.PositionOf(r), topicID: id, at: r.Timestamp, size: len(r.Value)}
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
		return l.Position.String()
	}
	return eventKey(l.letter.OriginalTopic, l.env.EventID.String())
}

// isCalled tells whether an id of a selection is this one's.
func (l *letter) isCalled(id string) bool {
	return id == l.Position.String() || l.env != nil && command.BeginsWith(l.env.EventID, id)
}

// line is the dead letter on one line.
func (l *letter) line(p terminal.Paint, w *terminal.Widths) string {
	at := p.In(terminal.Dim, l.at.Local().Format(terminal.Stamp))
	if l.env == nil {
		return fmt.Sprintf("%s %s: %s", at, terminal.Printable(l.Position.String()), p.In(terminal.Yellow, "cannot be read: "+terminal.Printable(l.fault.Error())))
	}
	line := fmt.Sprintf("%s %s %s %s %s %s", at, l.env.EventID, terminal.Pad(l.env.EventType, &w.Typ, terminal.TypWidth),
		p.In(terminal.Dim, fmt.Sprintf("%-8s", command.Short(l.env.CorrelationID))), terminal.Pad(l.env.SourceNodeID, &w.Node, terminal.NodeWidth),
		p.In(terminal.Red, terminal.Printable(l.reason())))
	if l.fault != nil {
		line += p.In(terminal.Yellow, " (cannot be replayed: "+terminal.Printable(l.fault.Error())+")")
	}
	return line
}
