package topics

import "strings"

// Letters names the topics of dead letters: a suffix behind the name of the
// events' topic, or, with OnexDLQ, onex.dlq in place of onex.evt where a topic has
// that, as on the bus of ModelEventEnvelope. A namespace may stand in front.
type Letters struct {
	Suffix  string
	OnexDLQ bool
}

const (
	onexEvents  = "onex.evt."
	onexLetters = "onex.dlq."
)

// Of returns the topic of the dead letters of a topic.
func (l Letters) Of(topic string) string {
	if namespace, rest, ok := cutOnex(topic, onexEvents); ok && l.OnexDLQ {
		return namespace + onexLetters + rest
	}
	return topic + l.Suffix
}

// Topic returns the topic that dead letters are from, if letters is a topic of
// such.
func (l Letters) Topic(letters string) (topic string, ok bool) {
	if namespace, rest, ok := cutOnex(letters, onexLetters); ok && l.OnexDLQ {
		return namespace + onexEvents + rest, true
	}
	return strings.CutSuffix(letters, l.Suffix)
}

// Are tells whether a topic, or a pattern for topics, is for dead letters.
func (l Letters) Are(topic string) bool {
	_, ok := l.Topic(topic)
	return ok
}

// EventType returns the event_type that consumers on the bus of ModelEventEnvelope
// take from the name of a topic where an envelope has none, "" for any other topic.
func EventType(topic string) string {
	_, rest, ok := cutOnex(topic, "onex.")
	parts := strings.Split(rest, ".") // kind, producer, event name, version
	if !ok || len(parts) < 4 {
		return ""
	}
	return parts[1] + "." + parts[2]
}

// cutOnex cuts a name at its kind, which has one part in front at most.
func cutOnex(name, kind string) (namespace, rest string, ok bool) {
	namespace, rest, ok = strings.Cut(name, kind)
	return namespace, rest, ok && (namespace == "" || strings.IndexByte(namespace, '.') == len(namespace)-1)
}
