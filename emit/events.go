package emit

import "github.com/omninode-ai/onexevents/annotate"

// event is one event type of a node.
type event struct {
	constant string // the name of its Go constant
	literal  string // "effect.stamp.started"
	stage    string // its last word
	method   string // that publishes it
	says     string // what it says, after "says that"
}

// The stages of an operation, in the order of the catalog.
var stages = []struct{ name, goName, says string }{
	{"started", "Started", "has started"},
	{"completed", "Completed", "has completed"},
	{"failed", "Failed", "has failed"},
}

// lifecycle returns the events of one operation: started, completed, failed.
func lifecycle(n *annotate.Node, op annotate.Operation) []event {
	events := make([]event, len(stages))
	name := goName(op.Name)
	for i, stage := range stages {
		events[i] = event{
			constant: n.Name + "Event" + name + stage.goName,
			literal:  n.Type + "." + op.Name + "." + stage.name,
			stage:    stage.name,
			method:   "Publish" + name + stage.goName,
			says:     "the operation " + op.Name + " " + stage.says,
		}
	}
	return events
}

// stateEvents returns the node's state event, or none.
func stateEvents(n *annotate.Node) []event {
	if n.NoState {
		return nil
	}
	return []event{{
		constant: n.Name + "EventStateChanged",
		literal:  n.Type + ".state.changed",
		stage:    "changed",
		method:   "PublishStateChanged",
		says:     "the node's state has changed",
	}}
}

// metricEvents returns the node's metric event, or none.
func metricEvents(n *annotate.Node) []event {
	if n.NoMetric {
		return nil
	}
	return []event{{
		constant: n.Name + "EventMetricRecorded",
		literal:  n.Type + ".metric.recorded",
		stage:    "recorded",
		method:   "PublishMetricRecorded",
		says:     "the node has recorded a metric",
	}}
}

// allEvents returns every event of a node in the order of the catalog.
func allEvents(n *annotate.Node) []event {
	var events []event
	for _, op := range n.Operations {
		events = append(events, lifecycle(n, op)...)
	}
	events = append(events, stateEvents(n)...)
	return append(events, metricEvents(n)...)
}

// defaultNamespace is the one of a publisher that is not given any.
const defaultNamespace = "dev"

// topic returns where a publisher with the given namespace puts an event
// (contract, section 2).
func topic(namespace string, n *annotate.Node, e event) string {
	return namespace + "." + n.Service + "." + e.literal + ".v1"
}
