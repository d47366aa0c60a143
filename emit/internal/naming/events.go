package naming

import "github.com/omninode-ai/onexevents/annotate"

// Event is one event type of a node.
type Event struct {
	Constant string // the name of its Go constant
	Literal  string // "effect.stamp.started"
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
	name := GoName(op.Name)
	for i, stage := range Stages {
		events[i] = Event{
			Constant: n.Name + "Event" + name + stage.GoName,
			Literal:  n.Type + "." + op.Name + "." + stage.Name,
			Stage:    stage.Name,
			Method:   "Publish" + name + stage.GoName,
			Says:     "the operation " + op.Name + " " + stage.says,
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

// DefaultNamespace is the one of a publisher that is not given any.
const DefaultNamespace = "dev"

// Topic returns where a publisher with the given namespace puts an event
// (contract, section 2).
func Topic(namespace string, n *annotate.Node, e Event) string {
	return namespace + "." + n.Service + "." + e.Literal + ".v1"
}
