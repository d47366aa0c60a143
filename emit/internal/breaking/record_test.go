package breaking

import (
	"strings"
	"testing"

	"github.com/omninode-ai/onexevents/emit/internal/catalog"
)

// Some editors begin a file with a byte order mark.
func TestReadMark(t *testing.T) {
	doc, err := Read("old.json", []byte("\uFEFF{\"nodes\": [{\"node\": \"A\", \"state_events\": [\"x\"], \"topics\": [\"t\"]}]}\r\n"))
	if err != nil || len(doc.Nodes) != 1 {
		t.Errorf("%+v, %v", doc, err)
	}
}

// Whatever a file holds is refused or compared. A catalog loses nothing to itself.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"nodes": [{"node": "A", "type": "effect", "operation_lifecycle": ["effect.x.started"], "topics": [""]}]}`))
	f.Add([]byte(`{"nodes": [{"node": "A", "state_events": ["x"], "topics": ["x.v"], "operations": [{"operation": "x", "input": {"summary": {"k": "str"}}}]}]}`))
	f.Add([]byte("\uFEFF{\"nodes\": []}\r\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		doc, err := Read("old.json", src)
		if err != nil {
			return
		}
		for _, n := range doc.Nodes {
			if line := strings.Count(string(src), "\n") + 1; n.Pos.Line < 1 || n.Pos.Line > line || n.Pos.Column < 1 {
				t.Errorf("node %q is at %v, and there are %d lines", n.Node, n.Pos, line)
			}
		}
		if doc2, _ := Read("old.json", src); distinct(doc2.Nodes) {
			for _, c := range Compare(doc, doc2) {
				t.Errorf("%+v", c)
			}
		}
	})
}

// distinct tells that nothing comes twice, as in no catalog that onexevents writes.
func distinct(nodes []catalog.Node) bool {
	seen := map[string]bool{}
	twice := false
	see := func(words ...string) {
		key := strings.Join(words, " ")
		twice = twice || seen[key]
		seen[key] = true
	}
	for _, n := range nodes {
		see("node", n.Package, n.Node)
		for _, topic := range n.Topics {
			see("topic", topic)
		}
		for _, op := range n.Operations {
			see("operation", n.Package, n.Node, op.Operation)
		}
	}
	return !twice
}
