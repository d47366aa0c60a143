package spools

import (
	"bytes"
	"flag"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool"
)

// What stands in a spool is shown as text, and no more, for people and for
// programs.
func TestHostile(t *testing.T) {
	dir := t.TempDir()
	sp, err := spool.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	id := uuid.UUID{1}.String()
	started := `{"event_id":"` + id + `","event_timestamp":"2026-11-25T12:00:00+00:00","event_type":"effect.stamp.started","source_node_id":"n\u001b[2J\nall is well` + strings.Repeat("x", 2000) + `","payload":{}}`
	_, err = sp.Append([]onex.Spooled{{Seq: 1, Topic: "dev.\x1b[2J\nall is well", Value: []byte(started), At: time.Now(), Operation: id}})
	if err != nil {
		t.Fatal(err)
	}
	if err := sp.Close(); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{}, {"-json"}} {
		var out bytes.Buffer
		flags := flag.NewFlagSet("", flag.ContinueOnError)
		list := SetUpList(flags)
		if err := flags.Parse(args); err != nil {
			t.Fatal(err)
		}
		good, err := list(t.Context(), terminal.Streams{Out: &out, Err: &out}, []string{dir})
		if !good || err != nil {
			t.Fatal(good, err)
		}
		if !strings.Contains(out.String(), `[2J`) {
			t.Errorf("it does not show what is there:\n%s", out.String())
		}
		for line := range strings.Lines(out.String()) {
			line = strings.Trim(line, "\t\n")
			if strings.ContainsFunc(line, unicode.IsControl) || strings.HasPrefix(line, "all is well") || len(args) == 0 && len(line) > 1000 {
				t.Errorf("list %q shows %q", args, line)
			}
		}
	}
}
