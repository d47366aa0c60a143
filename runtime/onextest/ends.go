package onextest

import (
	"fmt"
	"slices"
	"strings"
)

// RequireEnds ends the test unless each started event has exactly one end, completed
// or failed, behind it, and each end a start: a property of every node whose
// operations have all returned, whatever they were given.
//
// An end belongs to the started event that it names as its cause, as those of a run
// do; else to the first of the same node, operation and correlation that is open.
func (r *Recorder) RequireEnds() {
	r.t.Helper()
	if faults := unpaired(r.Events()); len(faults) > 0 {
		r.t.Fatalf("onextest: not every start has one end:\n   %s", strings.Join(faults, "\n   "))
	}
}

// unpaired says which events have no counterpart.
func unpaired(events []Event) (faults []string) {
	partner := make([]int, len(events)) // of each start its end, and of each end its start, from 1 on
	for i, e := range events {
		if !isEnd(e) {
			continue
		}
		start := slices.IndexFunc(events[:i], func(s Event) bool { return isStartOf(s, e) && e.CausationID == s.EventID.String() })
		for at := 0; start < 0 && at < i; at++ {
			if partner[at] == 0 && isStartOf(events[at], e) && events[at].correlation() == e.correlation() {
				start = at
			}
		}
		switch {
		case start < 0:
			faults = append(faults, fmt.Sprintf("event %d, “%s”, has no start", i+1, e))
		case partner[start] != 0:
			faults = append(faults, fmt.Sprintf("event %d, “%s”, is a second end: event %d has ended at event %d", i+1, e, start+1, partner[start]))
		default:
			partner[start], partner[i] = i+1, start+1
		}
	}
	for i, e := range events {
		if e.facts().kind == kindStarted && partner[i] == 0 {
			faults = append(faults, fmt.Sprintf("event %d, “%s”, has no end", i+1, e))
		}
	}
	return faults
}

func isEnd(e Event) bool {
	kind := e.facts().kind
	return kind == kindCompleted || kind == kindFailed
}

// isStartOf tells whether s starts an operation of the node and the name that end has.
func isStartOf(s, end Event) bool {
	return s.facts().kind == kindStarted && s.NodeID == end.NodeID && s.facts().operation == end.facts().operation
}
