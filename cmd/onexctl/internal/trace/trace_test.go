package trace

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/events"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/golden"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
	"github.com/omninode-ai/onexevents/runtime/topics"
)

// request is a tree of all there can be: operations that complete, that fail, and
// that do not end; a state, a metric, a cause that was not seen, and text that is
// not harmless.
func request(t *testing.T) *events.Tree {
	t.Helper()
	t.Setenv("TZ", "UTC")
	time.Local = time.UTC
	text, err := os.ReadFile(filepath.Join("testdata", "request.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var traces events.Traces
	for line := range bytes.Lines(text) {
		traces.Add(events.New(&kgo.Record{Topic: "dev.a", Value: bytes.TrimSpace(line)}, topics.Letters{Suffix: ".dlq"}))
	}
	trees := traces.Trees()
	if len(trees) != 1 {
		t.Fatalf("%d trees", len(trees))
	}
	return trees[0]
}

func TestWaterfall(t *testing.T) {
	tree := request(t)
	for name, tt := range map[string]struct {
		paint terminal.Paint
		width int
	}{"80": {true, 80}, "160": {true, 160}, "80-no-colour": {false, 80}, "file": {false, 0}, "30": {false, 30}} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			waterfall(&b, tree, tt.paint, tt.width)
			for i, line := range strings.Split(b.String(), "\n") {
				if n := len([]rune(line)); i > 0 && !bool(tt.paint) && tt.width >= 80 && n > tt.width {
					t.Errorf("a line has %d columns: %s", n, line)
				}
			}
			golden.Compare(t, "waterfall-"+name+".golden", b.String())
		})
	}
}

func TestLines(t *testing.T) {
	var b strings.Builder
	out := bufio.NewWriter(&b)
	lines(out, request(t))
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, "lines.golden", b.String())
}

// The page has every row, needs no other file, and what strangers wrote is text
// in it.
func TestPage(t *testing.T) {
	var b strings.Builder
	if err := page(&b, request(t)); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for _, want := range []string{
		"<title>correlation 550e8400-e29b-41d4-a716-446655440000: 9 events in 2.000 s</title>", "orchestrator.run</span>", "compute.stamp</span>",
		`class="bar failed" style="left:35.000%;width:40.000%"`, `class="bar not_finished" style="left:85.000%;width:15.000%"`,
		`&lt;b&gt;größer&lt;/b&gt;\x1b[31m &amp; &#34;quoted&#34;`, "document_size = 16 bytes", "busy → idle", "prefers-color-scheme: dark",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it has no %s", want)
		}
	}
	for _, foreign := range []string{"http:", "https:", "src=", "<link", "<script", "url(", "@import", "ZgotmplZ", "<b>"} {
		if strings.Contains(text, foreign) {
			t.Errorf("it has %s", foreign)
		}
	}
}
