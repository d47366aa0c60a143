package onextest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/runtime/internal/encode"
)

// Want says which event is meant: the zero Want any, and each method returns one
// that means less. It is a value, which can be used again.
type Want struct{ conditions []condition }

// condition is one thing that an event has to be like.
type condition struct {
	what string // as the text of a want has it; "" for what needs no name
	want string
	of   func(Event) string
}

func (w Want) and(what, want string, of func(Event) string) Want {
	w.conditions = append(slices.Clip(w.conditions), condition{what, want, of})
	return w
}

func kind(kind string) Want {
	return Want{}.and("", kind, func(e Event) string { return e.facts().kind })
}

func (w Want) operation(name string) Want {
	return w.and("", name, func(e Event) string { return e.facts().operation })
}

// Started is the start of an operation.
func Started(operation string) Want { return kind(kindStarted).operation(operation) }

// Completed is the end of an operation that has returned a result.
func Completed(operation string) Want { return kind(kindCompleted).operation(operation) }

// Failed is the end of an operation that has returned an error, or panicked. See
// [Want.ErrorType].
func Failed(operation string) Want { return kind(kindFailed).operation(operation) }

// StateChanged is a node's step from one state to another. As with the node's own
// method, they are strings, or have a method String.
func StateChanged[S any](oldState, newState S) Want {
	return kind(kindState).
		and("from", stateName(oldState), func(e Event) string { return e.facts().oldState }).
		and("to", stateName(newState), func(e Event) string { return e.facts().newState })
}

func stateName[S any](state S) string {
	name, err := encode.StateName(state)
	if err != nil {
		return fmt.Sprint(state)
	}
	return name
}

// Metric is a metric with a value.
func Metric(name string, value float64) Want {
	return kind(kindMetric).
		and("", name, func(e Event) string { return e.facts().metric }).
		and("=", number(value), func(e Event) string { return e.facts().value })
}

// Type is an event of a type, such as StamperEventStampFailed.
func Type(eventType string) Want {
	return Want{}.and("", eventType, func(e Event) string { return e.EventType })
}

// Version means the events of a version of an operation's, such as 2 for the methods
// with V2 in their names.
func (w Want) Version(version int) Want {
	return w.and("of version", strconv.Itoa(version), func(e Event) string { return strconv.Itoa(e.EventVersion) })
}

// Node means the events of the node with this id.
func (w Want) Node(id string) Want {
	return w.and("of node", id, func(e Event) string { return e.NodeID })
}

// Correlation means the events with this correlation id; with uuid.Nil, those
// without one.
func (w Want) Correlation(id uuid.UUID) Want {
	want := id.String()
	if id == uuid.Nil {
		want = ""
	}
	return w.and("with correlation", want, Event.correlation)
}

// Causation means the events with this cause; with "", those without one.
func (w Want) Causation(id string) Want {
	return w.and("caused by", id, func(e Event) string { return e.CausationID })
}

// ErrorType means failures of this type.
func (w Want) ErrorType(name string) Want {
	return w.and("with error type", name, func(e Event) string { return e.facts().errorType })
}

// ErrorMessage means failures with this text, as it is masked and cut.
func (w Want) ErrorMessage(text string) Want {
	return w.and("with error message", text, func(e Event) string { return e.facts().errorMessage })
}

// Reason means state changes for this reason, as it is masked and cut.
func (w Want) Reason(text string) Want {
	return w.and("with reason", text, func(e Event) string { return e.facts().reason })
}

// Unit means metrics in this unit.
func (w Want) Unit(name string) Want {
	return w.and("in", name, func(e Event) string { return e.facts().unit })
}

// Key means the events whose records have this key.
func (w Want) Key(key string) Want {
	return w.and("with key", key, func(e Event) string { return e.Key })
}

// Topic means the events of this topic.
func (w Want) Topic(name string) Want {
	return w.and("in topic", name, func(e Event) string { return e.Topic })
}

// Durable means the events that were published as durable ones.
func (w Want) Durable() Want {
	return w.and("", "durable", func(e Event) string {
		if e.Durable {
			return "durable"
		}
		return "not durable"
	})
}

// Metadata means the events whose metadata have this value for a key, both as JSON;
// with nil also those that have no such key.
func (w Want) Metadata(key string, value any) Want {
	want, err := json.Marshal(value)
	if err != nil {
		want = []byte(err.Error()) // which no event has
	}
	return w.and("with metadata "+key+" =", canonical(want), func(e Event) string {
		var all map[string]json.RawMessage
		_ = json.Unmarshal(e.facts().metadata, &all)
		if all[key] == nil {
			return "null"
		}
		return canonical(all[key])
	})
}

// canonical returns JSON in one form: numbers as they are, keys sorted.
func canonical(text []byte) string {
	var v any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return string(text)
	}
	b, err := json.Marshal(v)
	if err != nil {
		return string(text)
	}
	return string(b)
}

// String returns what is wanted in a few words.
func (w Want) String() string {
	if len(w.conditions) == 0 {
		return "any event"
	}
	var words []string
	for _, c := range w.conditions {
		words = append(words, c.text(c.want))
	}
	return strings.Join(words, " ")
}

func (c condition) text(value string) string {
	switch {
	case c.what == "":
		return value
	case value == "":
		return c.what + " none"
	}
	return c.what + " " + value
}

// matches tells whether e is meant.
func (w Want) matches(e Event) bool { return w.likeness(e) == len(w.conditions) }

// likeness returns how many conditions e meets, one after the other.
func (w Want) likeness(e Event) int {
	for i, c := range w.conditions {
		if c.of(e) != c.want {
			return i
		}
	}
	return len(w.conditions)
}

// differs says what about e is not what is wanted.
func (w Want) differs(e Event) string {
	var faults []string
	for _, c := range w.conditions {
		if got := c.of(e); got != c.want {
			faults = append(faults, fmt.Sprintf("it is %s, and %s is wanted", quoted(c, got), quoted(c, c.want)))
		}
	}
	return strings.Join(faults, "; ")
}

func quoted(c condition, value string) string {
	if c.what == "" && value == "" {
		return "of another kind"
	}
	return "“" + c.text(value) + "”"
}
