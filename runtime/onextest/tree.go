package onextest

import (
	"cmp"
	"strings"
)

// Tree draws the events, each below what has caused it, and those of one correlation
// below their id. An operation that has ended with one event is one line. It has no
// times, and no ids of its events, so that it can be compared with a golden file:
//
//	00000000-0000-4000-8000-000000000001
//	└─ stamp (s-1) → completed
//	   └─ metric document_size = 16 bytes (s-1)
func (r *Recorder) Tree() string {
	events := r.Events()
	t := tree{events: events, known: map[string]bool{}, ends: map[int]int{}, below: map[int][]int{}}
	startOf := map[int]int{} // by end: they are one line, and what the end has caused is below it
	byID := map[string]int{}
	for i, e := range events {
		byID[e.EventID.String()] = i
		t.known[e.EventID.String()] = true
	}
	var groups []string
	roots := map[string][]int{}
	for i, e := range events {
		cause, ok := byID[e.CausationID]
		switch {
		case ok && isEnd(e) && isStartOf(events[cause], e) && !t.hasEnd(cause):
			t.ends[cause], startOf[i] = i, cause
		case ok && cause < i: // and so there is no circle
			if start, isEnd := startOf[cause]; isEnd {
				cause = start
			}
			t.below[cause] = append(t.below[cause], i)
		default:
			if _, known := roots[e.correlation()]; !known {
				groups = append(groups, e.correlation())
			}
			roots[e.correlation()] = append(roots[e.correlation()], i)
		}
	}
	for _, g := range groups {
		t.text.WriteString(cmp.Or(g, "no correlation") + "\n")
		t.draw("", roots[g])
	}
	return t.text.String()
}

// tree is one that is being drawn.
type tree struct {
	events []Event
	known  map[string]bool // ids
	ends   map[int]int     // of starts
	below  map[int][]int   // what each has caused, but for its end
	text   strings.Builder
}

func (t *tree) hasEnd(start int) bool {
	_, ok := t.ends[start]
	return ok
}

func (t *tree) draw(indent string, list []int) {
	for n, i := range list {
		branch, further := "├─ ", "│  "
		if n == len(list)-1 {
			branch, further = "└─ ", "   "
		}
		t.text.WriteString(indent + branch + inLine(t.line(i)) + "\n")
		t.draw(indent+further, t.below[i])
	}
}

func (t *tree) line(i int) string {
	e, text := t.events[i], t.events[i].String()
	at, ok := t.ends[i]
	if ok {
		text = e.facts().operation
	}
	text += " (" + e.NodeID + ")" + metadata(e)
	if !t.known[e.CausationID] && e.CausationID != "" {
		text += " caused by " + e.CausationID
	}
	if !ok {
		return text
	}
	end := t.events[at]
	text += " → " + end.facts().kind
	if name := end.facts().errorType; name != "" {
		text += ": " + name
	}
	if m := metadata(end); m != metadata(e) {
		text += m
	}
	return text
}

func metadata(e Event) string {
	if m := e.facts().metadata; len(m) > 0 {
		return " " + string(m)
	}
	return ""
}
