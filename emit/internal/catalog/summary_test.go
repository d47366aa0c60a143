package catalog

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/envelope"
)

type (
	text     string
	numbers  []int
	inner    struct{ Deep, Shared int }
	embedded struct {
		Shared string
		Own    bool `json:"own"`
	}
	again     = inner
	everyKind struct {
		Plain    string
		Renamed  int     `json:"renamed,omitempty"`
		NoName   float32 `json:",omitempty"`
		Left     bool    `json:"-"`
		hidden   int
		Named    text
		List     numbers
		Fixed    [3]byte
		Bytes    []byte
		Dict     map[string]int
		Unnamed  struct{ A int }
		Struct   inner
		Alias    again
		When     time.Time
		Took     time.Duration
		ID       uuid.UUID
		A, B     uint8
		Complex  complex128
		embedded `json:"tagged"`
		Inner    again
	}
	flat struct {
		inner
		embedded
		Deep string
	}
)

// What the catalog says of a summary, from the source alone, is what events have
// in it.
func TestSummaryIsWhatEventsHave(t *testing.T) {
	source, err := os.ReadFile("summary_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, types, _ := strings.Cut(string(source), "\ntype (")
	types, _, _ = strings.Cut(types, "\n)\n")
	dir := t.TempDir()
	files := map[string]string{
		"go.mod": "module example.com/m\n\ngo 1.26\n",
		"a.go": "package m\n\nimport (\n\t\"time\"\n\t\"github.com/google/uuid\"\n)\n\ntype (" + types + "\n)\n\n" +
			"//onex:operations type=effect service=m x(everyKind,flat)\ntype Node struct{}\n",
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	pkgs, err := annotate.Load(context.Background(), annotate.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	n := pkgs[0].Nodes[0]
	op := n.Operations[0]
	for _, c := range []struct {
		typ   *annotate.Type
		value any
	}{{op.Input, everyKind{hidden: 1}}, {op.Result, flat{}}} {
		var want map[string]string
		if err := json.Unmarshal(envelope.AppendSummary(nil, c.value), &want); err != nil {
			t.Fatal(err)
		}
		got := valueOf(n, c.typ).Summary
		for key, name := range want {
			if got[key] != name {
				t.Errorf("%s: %q is %q, and events say %q", c.typ.Source, key, got[key], name)
			}
		}
		for key := range got {
			if _, ok := want[key]; !ok {
				t.Errorf("%s: events have no %q", c.typ.Source, key)
			}
		}
	}
}

// What the source does not show is not promised.
func TestSummaryThatIsNotKnown(t *testing.T) {
	n := &annotate.Node{}
	for _, source := range []string{"map[string]any", "any", "[]string", "api.Request", "Absent"} {
		if v := valueOf(n, &annotate.Type{Source: source}); v.Summary != nil {
			t.Errorf("%s: %v", source, v.Summary)
		}
	}
	if v := valueOf(n, nil); v != nil {
		t.Errorf("no type: %v", v)
	}
}
