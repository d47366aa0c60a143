package naming

import (
	"strconv"
	"strings"

	"github.com/omninode-ai/onexevents/annotate"
)

// Event is one event type of a node.
type Event struct {
	Constant string // the name of its Go constant
	Literal  string // "effect.stamp.started"
	Version  int    // from 2; 0 is the first
	Stage    string // its last word
	Method   string // that publishes it
	Says     string // what it says, after "says that"
}

// The Stages of an operation, in the order of the catalog.
var Stages = []struct{ Name, GoName, says string }{
	{"started", "Started", "has started"},
	{"completed", "Completed", "has completed"},
	{"failed", "Failed", "has failed"},
}

// Lifecycle returns the events of one operation: started, completed, failed.
func Lifecycle(n *annotate.Node, op annotate.Operation) []Event {
	events := make([]Event, len(Stages))
	name, version := GoNameOf(op), ""
	if op.Version > 0 {
		version = ", in version " + strconv.Itoa(op.Version)
	}
	for i, stage := range Stages {
		events[i] = Event{
			Constant: n.Name + "Event" + name + stage.GoName,
			Literal:  n.Type + "." + op.Name + "." + stage.Name,
			Version:  op.Version,
			Stage:    stage.Name,
			Method:   "Publish" + name + stage.GoName,
			Says:     "the operation " + op.Name + " " + stage.says + version,
		}
	}
	return events
}

// StateEvents returns the node's state event, or none.
func StateEvents(n *annotate.Node) []Event {
	if n.NoState {
		return nil
	}
	return []Event{{
		Constant: n.Name + "EventStateChanged",
		Literal:  n.Type + ".state.changed",
		Stage:    "changed",
		Method:   "PublishStateChanged",
		Says:     "the node's state has changed",
	}}
}

// MetricEvents returns the node's metric event, or none.
func MetricEvents(n *annotate.Node) []Event {
	if n.NoMetric {
		return nil
	}
	return []Event{{
		Constant: n.Name + "EventMetricRecorded",
		Literal:  n.Type + ".metric.recorded",
		Stage:    "recorded",
		Method:   "PublishMetricRecorded",
		Says:     "the node has recorded a metric",
	}}
}

// Events returns every event of a node in the order of the catalog.
func Events(n *annotate.Node) []Event {
	var events []Event
	for _, op := range n.Operations {
		events = append(events, Lifecycle(n, op)...)
	}
	events = append(events, StateEvents(n)...)
	return append(events, MetricEvents(n)...)
}

// Label returns the type of the event, and its version if that is not the first.
func (e Event) Label() string {
	if e.Version == 0 {
		return e.Literal
	}
	return e.Literal + "@" + strconv.Itoa(e.Version)
}

// Quoted is how a comment names the event.
func (e Event) Quoted() string {
	if e.Version == 0 {
		return strconv.Quote(e.Literal)
	}
	return "version " + strconv.Itoa(e.Version) + " of " + strconv.Quote(e.Literal)
}

// Producer returns the producer that a node's service is on the bus of Profile2.
func Producer(n *annotate.Node) string { return strings.ReplaceAll(n.Service, "_", "-") }

// Mistaken2 returns what the events of a node's service are taken for there, "" if
// they are taken for events.
func Mistaken2(n *annotate.Node) string {
	if producer := Producer(n); producer == "commands" || producer == "intents" {
		return producer
	}
	return ""
}

// Constant2 returns the name of the Go constant for what an event of that constant is
// there.
func Constant2(constant string) string { return constant + "2" }

// EventType2 returns the event_type that an event has there.
func EventType2(n *annotate.Node, e Event) string {
	return Producer(n) + "." + strings.NewReplacer(".", "-", "_", "-").Replace(e.Literal)
}

// Topic2 returns where a publisher without a namespace puts an event there.
func Topic2(n *annotate.Node, e Event) string {
	return BusTopic(EventType2(n, e), e.Version)
}

// BusTopic returns the topic there of a type of events in a version.
func BusTopic(eventType string, version int) string {
	return "onex.evt." + eventType + ".v" + strconv.Itoa(max(1, version))
}

// Name2 returns the name of an event in a contract, which is unique in it.
func Name2(e Event) string { return strings.TrimPrefix(e.Method, "Publish") }

// DefaultNamespace is the one of a publisher that is not given any.
const DefaultNamespace = "dev"

// Topic returns where a publisher with the given namespace puts an event
// (envelope/contract.md, section 2).
func Topic(namespace string, n *annotate.Node, e Event) string {
	return namespace + "." + n.Service + "." + e.Literal + ".v" + strconv.Itoa(max(1, e.Version))
}
