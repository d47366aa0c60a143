package emit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/emit/internal/naming"
)

// Method returns the method that publishes one event of n, such as
// "effect.stamp.started", or "effect.stamp.started@2" for a later version, with its
// doc comment: the formatted source that
// [File] has for it. The error is [annotate.Diagnostics] if n is at fault.
func Method(n *annotate.Node, eventType string) ([]byte, error) {
	src, err := File(n)
	if err != nil {
		return nil, err
	}
	events := naming.Events(n)
	i := slices.IndexFunc(events, func(e naming.Event) bool { return e.Label() == eventType })
	if i < 0 {
		return nil, fmt.Errorf("%q is no event of node %s; its events are %s", eventType, n.Name, strings.Join(labels(events), ", "))
	}
	text := string(src)
	start := strings.Index(text, "\n// "+events[i].Method+" publishes ") + 1
	method, _, _ := strings.Cut(text[start:], "\n}\n")
	return []byte(method + "\n}\n"), nil
}

// labels lists the types of events, with their versions.
func labels(events []naming.Event) []string {
	var list []string
	for _, e := range events {
		list = append(list, e.Label())
	}
	return list
}
