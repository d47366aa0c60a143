package deadletters

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/cluster"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/command"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/wire"
	"github.com/omninode-ai/onexevents/envelope"
	"github.com/omninode-ai/onexevents/runtime/topics"
)

// letter is a dead letter without its data, of which there may be very much.
type letter struct {
	cluster.Position
	topicID kadm.TopicID
	at      time.Time
	size    int
	letter  *wire.Letter    // nil if it is not one
	env     *envelope.Event // nil if what it has is not an event
	digest  digest
	fault   error // why it cannot be replayed
}

// digest tells dead letters of one event apart that would be replayed as
// different events.
type digest [sha256.Size]byte

func (d digest) String() string { return hex.EncodeToString(d[:]) }

func newLetter(r *kgo.Record, id kadm.TopicID, letters topics.Letters) *letter {
	l := &letter{Position: cluster.PositionOf(r), topicID: id, at: r.Timestamp, size: len(r.Value)}
	value, err := cluster.Value(r)
	if err != nil {
		l.fault = err
		return l
	}
	dead, fault := wire.DeadLetter(value)
	if l.fault = fault; dead == nil {
		return l
	}
	if !dead.FailureTimestamp.IsZero() {
		l.at = dead.FailureTimestamp
	}
	// Strings are parts of the whole data, which is to be forgotten.
	l.letter = &wire.Letter{Consumers: dead.Consumers, DeadLetter: envelope.DeadLetter{
		OriginalTopic: strings.Clone(originalTopic(dead, r.Topic)), OriginalKey: strings.Clone(dead.OriginalKey),
		FailureReason: strings.Clone(terminal.Clip(dead.FailureReason, reasonLimit)), RetryAttempts: dead.RetryAttempts,
	}}
	env, err := wire.Event(dead)
	if err != nil {
		l.fault = cmp.Or(fault, err)
		return l
	}
	ev := env.Event()
	l.env = &envelope.Event{ID: ev.ID, CorrelationID: ev.CorrelationID, Type: strings.Clone(ev.Type), NodeID: strings.Clone(ev.NodeID)}
	l.digest = sha256.Sum256(append(append([]byte(dead.OriginalKey), 0), dead.OriginalData...))
	l.fault = cmp.Or(fault, l.foreign(env, r, letters))
	return l
}

// originalTopic returns what the original topic is called on the brokers. A consumer
// does not say the namespace, in which it has found both topics.
func originalTopic(dead *wire.Letter, letters string) string {
	namespace, _, ok := strings.Cut(letters, onexLetters)
	if !ok || !dead.Consumers || strings.HasPrefix(dead.OriginalTopic, namespace) {
		return dead.OriginalTopic
	}
	return namespace + dead.OriginalTopic
}

// onexLetters begins the topics of dead letters on the bus of ModelEventEnvelope.
const onexLetters = "onex.dlq."

// errShared is why a dead letter of a consumer's is not replayed among all.
var errShared = errors.New("a consumer has written it to a topic for the dead letters of several; name it, by its id or with -letter, if it is right")

// reasonLimit is how much is kept of a reason.
const reasonLimit = 1000

// standard is what the topic of an event type is called, if no program has said
// otherwise.
var standard = regexp.MustCompile(`\.(effect|compute|reducer|orchestrator)\..+\.v[0-9]+$`)

// foreign says why this cannot be what the publisher of the event has written.
// Anybody who may write to a topic of dead letters could write to others, and in
// the name of others, else.
func (l *letter) foreign(env envelope.Envelope, r *kgo.Record, letters topics.Letters) error {
	topic := l.letter.OriginalTopic
	withoutVersion := topic[:max(0, strings.LastIndex(topic, ".v"))]
	key, eventType, isStandard := string(r.Key), l.env.Type, standard.MatchString(topic)
	switch env := env.(type) {
	case *envelope.V1:
		key = env.RecordKey()
	case *envelope.V2: // which says its topic, and not its key
		isStandard = true
		eventType = topics.EventType(topic) // where it does not say
		if env.EventType != nil {
			eventType = *env.EventType
		}
	}
	switch {
	case letters.Of(topic) != l.Topic && !(l.letter.Consumers && strings.Contains(l.Topic, onexLetters)):
		return fmt.Errorf("its original topic is %s, and these are not the dead letters of that topic", topic)
	case strings.HasPrefix(topic, "__"):
		return errors.New("its original topic is Kafka's own")
	case l.letter.OriginalKey != key:
		return fmt.Errorf("its original key is %q, and that of its event %q", l.letter.OriginalKey, key)
	case isStandard && !strings.HasSuffix(withoutVersion, "."+eventType):
		return fmt.Errorf("its event is of the type %s, which does not belong to its original topic", eventType)
	default:
		return nil
	}
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
	return eventKey(l.letter.OriginalTopic, l.env.ID.String())
}

// isCalled tells whether an id of a selection is this one's.
func (l *letter) isCalled(id string) bool {
	return id == l.Position.String() || l.env != nil && command.BeginsWith(l.env.ID, id)
}
