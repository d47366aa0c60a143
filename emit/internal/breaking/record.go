package breaking

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/token"
	"slices"
	"strconv"
	"strings"

	"github.com/omninode-ai/onexevents/emit/internal/catalog"
)

// Read reads a catalog in JSON, also of an earlier or a later version of
// onexevents. The places of its nodes are in the file of that name.
func Read(name string, src []byte) (catalog.Document, error) {
	var doc catalog.Document
	if err := json.Unmarshal(bytes.TrimPrefix(src, []byte("\uFEFF")), &doc); err != nil || doc.Nodes == nil {
		return doc, fmt.Errorf("%s is no catalog in JSON; write one with onexevents catalog -format json", name)
	}
	from := 0
	for i := range doc.Nodes {
		n := &doc.Nodes[i]
		if len(n.Topics) != len(n.OperationLifecycle)+len(n.StateEvents)+len(n.MetricEvents) {
			return doc, fmt.Errorf("%s: node %s has %d topics, and another number of event types; write the catalog again", name, n.Node, len(n.Topics))
		}
		n.Pos = position(name, src, from)
		if len(n.Topics) == 0 {
			continue // nothing of it can be lost
		}
		quoted, topic := strconv.Quote(n.Node), strconv.Quote(n.Topics[0])
		if to := bytes.Index(src[from:], []byte(topic)); to >= 0 {
			if at := bytes.LastIndex(src[from:from+to], []byte(quoted)); at >= 0 {
				n.Pos = position(name, src, from+at)
			}
			from += to
		}
	}
	return doc, nil
}

func position(name string, src []byte, offset int) token.Position {
	before := src[:offset]
	return token.Position{
		Filename: name, Offset: offset,
		Line:   1 + bytes.Count(before, []byte("\n")),
		Column: offset - bytes.LastIndexByte(before, '\n'),
	}
}

// group is the events of one operation in one version, or of a node's state or
// metrics.
type group struct {
	kind      kind
	operation string
	version   int
	types     []string
	topics    []string
	about     *catalog.Operation // nil if the catalog is of a version that does not have it
}

type kind int

const (
	operation kind = iota
	state
	metric
)

// groups takes the events of a node apart.
func groups(n *catalog.Node) []group {
	var list []group
	add := func(k kind, types, topics []string) {
		for i, typ := range types {
			g := group{kind: k, version: versionOf(topics[i])}
			if k == operation {
				g.operation = strings.TrimPrefix(typ[:max(0, strings.LastIndexByte(typ, '.'))], n.Type+".")
			}
			at := slices.IndexFunc(list, func(other group) bool {
				return other.kind == g.kind && other.operation == g.operation && other.version == g.version
			})
			if at < 0 {
				at = len(list)
				list = append(list, g)
			}
			list[at].types = append(list[at].types, typ)
			list[at].topics = append(list[at].topics, topics[i])
		}
	}
	operations, states := len(n.OperationLifecycle), len(n.StateEvents)
	add(operation, n.OperationLifecycle, n.Topics[:operations])
	add(state, n.StateEvents, n.Topics[operations:operations+states])
	add(metric, n.MetricEvents, n.Topics[operations+states:])
	for i := range list {
		for j := range n.Operations {
			if op := &n.Operations[j]; list[i].kind == operation && op.Operation == list[i].operation && op.Version == list[i].version {
				list[i].about = op
			}
		}
	}
	return list
}

// versionOf returns the number at the end of a topic, 1 if there is none.
func versionOf(topic string) int {
	words := strings.Split(topic, ".v")
	if n, err := strconv.Atoi(words[len(words)-1]); err == nil && len(words) > 1 {
		return n
	}
	return 1
}

// says names the events of a group in a message.
func (g group) says() string {
	switch g.kind {
	case state:
		return "its state"
	case metric:
		return "its metrics"
	}
	if g.version > 1 {
		return fmt.Sprintf("%s@%d", g.operation, g.version)
	}
	return g.operation
}
