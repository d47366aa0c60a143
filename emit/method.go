package emit

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/omninode-ai/onexevents/annotate"
)

// Method returns the method that publishes one event of n, such as
// "effect.stamp.started", with its doc comment: the formatted source that
// [File] has for it. The error is [annotate.Diagnostics] if n is at fault.
func Method(n *annotate.Node, eventType string) ([]byte, error) {
	if err := check(n, n.Declared).Err(); err != nil {
		return nil, err
	}
	f := newFile(n)
	if !f.publisherOf(eventType) {
		return nil, fmt.Errorf("%q is no event of node %s; its events are %s", eventType, n.Name, strings.Join(literals(n), ", "))
	}
	var src bytes.Buffer
	if err := f.body.Render(&src); err != nil {
		return nil, fmt.Errorf("what is generated for %s does not parse; simplify its types", n.Name)
	}
	return append(bytes.TrimSpace(src.Bytes()), '\n'), nil
}

// publisherOf adds the method that publishes an event, if there is such an
// event.
func (f *file) publisherOf(eventType string) bool {
	for _, op := range f.node.Operations {
		for i, publish := range []func(annotate.Operation){f.publishStarted, f.publishCompleted, f.publishFailed} {
			if lifecycle(f.node, op)[i].literal == eventType {
				publish(op)
				return true
			}
		}
	}
	switch eventType {
	case f.node.Type + ".state.changed":
		f.publishStateChanged()
	case f.node.Type + ".metric.recorded":
		f.publishMetricRecorded()
	}
	return len(f.body) > 0
}

// literals lists the event types of a node.
func literals(n *annotate.Node) []string {
	var list []string
	for _, e := range allEvents(n) {
		list = append(list, e.literal)
	}
	return list
}
