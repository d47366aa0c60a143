package deadletters

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/golden"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
	"github.com/omninode-ai/onexevents/runtime/topics"
)

// What a terminal of 80 columns shows, one of 160, one without colours, and a
// file.
func TestTable(t *testing.T) {
	const form = `{"original_topic":"dev.a.effect.stamp.failed.v1","original_key":"%s","original_data":{"event_id":"0000000%d-0000-0000-0000-000000000000","event_timestamp":"2026-11-25T12:00:00+00:00","event_type":"effect.stamp.failed","source_node_id":"n","payload":{}},"failure_reason":"%s","failure_timestamp":"2026-11-25T1%d:00:00+00:00","retry_attempts":1}`
	values := []string{
		fmt.Sprintf(form, "n", 1, "MESSAGE_TOO_LARGE: The request included a message larger than the max message size the server will accept (uncompressed_bytes=2732)", 1),
		fmt.Sprintf(form, "n", 2, "MESSAGE_TOO_LARGE: The request included a message larger than the max message size the server will accept (uncompressed_bytes=9)", 2),
		fmt.Sprintf(form, "k", 3, "größer\\u001b[31m als erlaubt", 3),
		"no JSON",
	}
	d := &dlq{markers: newMarkers("m", nil, func(error) {}), versions: newVersions()}
	var letters []*letter
	for i, value := range values {
		letters = append(letters, newLetter(&kgo.Record{
			Topic: "dev.a.effect.stamp.failed.v1.dlq", Offset: int64(i), Value: []byte(value), Timestamp: time.Date(2026, 11, 25, 14, 59, 30, 0, time.UTC),
		}, kadm.TopicID{}, topics.Letters{Suffix: ".dlq"}))
	}
	now := time.Date(2026, 11, 25, 15, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		paint terminal.Paint
		width int
	}{"80": {true, 80}, "160": {true, 160}, "80-no-colour": {false, 80}, "file": {false, 0}} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			if err := d.table(&b, tt.paint, letters, now, tt.width); err != nil {
				t.Fatal(err)
			}
			if err := reasons(&b, tt.paint, letters, tt.width); err != nil {
				t.Fatal(err)
			}
			if !tt.paint && tt.width > 0 {
				for line := range strings.Lines(b.String()) {
					if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > tt.width {
						t.Errorf("a line has %d columns: %s", n, line)
					}
				}
			}
			golden.Compare(t, "list-"+name+".golden", b.String())
		})
	}
}
