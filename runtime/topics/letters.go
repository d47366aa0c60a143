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

// cutOnex cuts a name at its kind, which has one part in front at most.
func cutOnex(name, kind string) (namespace, rest string, ok bool) {
	namespace, rest, ok = strings.Cut(name, kind)
	return namespace, rest, ok && (namespace == "" || strings.IndexByte(namespace, '.') == len(namespace)-1)
}
