package wire

import (
	"strings"
	"testing"
	"time"

	"github.com/omninode-ai/onexevents/envelope"
)

const event = `{"event_id":"00000001-0000-0000-0000-000000000000","event_timestamp":"2026-11-25T12:00:00+00:00","event_type":"effect.stamp.failed","source_node_id":"n","payload":{}}`

func TestDeadLetter(t *testing.T) {
	for name, tt := range map[string]struct {
		value   string
		topic   string // "": it is no dead letter
		at      int    // seconds after noon
		fault   string // of the dead letter
		noEvent string // or of its event
	}{
		"ours":         {`{"original_topic":"t","original_key":"k","original_data":` + event + `,"failure_reason":"r","failure_timestamp":"2026-11-25T12:00:01+00:00","retry_attempts":1}`, "t", 1, "", ""},
		"a null key":   {`{"original_topic":"t","original_key":null,"original_data":` + event + `,"failure_reason":"r","failure_timestamp":"2026-11-25T12:00:01+00:00","retry_attempts":0}`, "t", 1, "original_key is null", ""},
		"a payload":    {`{"original_topic":"t","original_key":"k","original_data":{"operation":"stamp"},"failure_reason":"r","failure_timestamp":"2026-11-25T12:00:01+00:00","retry_attempts":0}`, "t", 1, "", "what failed is no event: envelope: "},
		"a list":       {`{"original_topic":"t","original_key":"k","original_data":[1],"failure_reason":"r","failure_timestamp":"2026-11-25T12:00:01+00:00"}`, "t", 1, "original_data is a list", "what failed is no event"},
		"nothing":      {`{"original_topic":"t","original_key":"k","original_data":null,"failure_reason":"r"}`, "t", -1, "envelope: dead letter: ", "what failed is no event"},
		"a local time": {`{"original_topic":"t","original_key":"k","original_data":` + event + `,"failure_reason":"r","failure_timestamp":"2026-11-25T12:00:02.5"}`, "t", 2, "is not a timestamp", ""},
		"an event":     {event, "", 0, "original_topic", ""},
		"no object":    {`[1]`, "", 0, "is not a JSON object", ""},
		"no JSON":      {`{`, "", 0, "envelope: the dead letter", ""},
		"empty":        {``, "", 0, "envelope: the dead letter", ""},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := DeadLetter([]byte(tt.value))
			if (err == nil) != (tt.fault == "") || err != nil && !strings.Contains(err.Error(), tt.fault) {
				t.Errorf("it says %v, want %q", err, tt.fault)
			}
			if d == nil {
				if tt.topic != "" {
					t.Error("it is no dead letter")
				}
				return
			}
			if d.OriginalTopic != tt.topic || d.FailureReason != "r" {
				t.Errorf("it is %+v", d)
			}
			want := time.Time{}
			if tt.at >= 0 {
				want = time.Date(2026, 11, 25, 12, 0, tt.at, 0, time.UTC)
			}
			if !d.FailureTimestamp.Truncate(time.Second).Equal(want) {
				t.Errorf("it failed at %v, want %v", d.FailureTimestamp, want)
			}
			if _, err := Event(d); (err == nil) != (tt.noEvent == "") || err != nil && !strings.Contains(err.Error(), tt.noEvent) {
				t.Errorf("its event: %v, want %q", err, tt.noEvent)
			}
		})
	}
}

// Whatever there is, it is a dead letter or not, and what is replayed is one by
// the strict rules.
func FuzzDeadLetter(f *testing.F) {
	f.Add(`{"original_topic":"t","original_key":null,"original_data":` + event + `,"failure_reason":"r","failure_timestamp":"2026-11-25T12:00:01"}`)
	f.Add(`{"original_topic":7,"failure_reason":["r"],"original_data":null}`)
	f.Fuzz(func(t *testing.T, value string) {
		d, err := DeadLetter([]byte(value))
		if d == nil && err == nil {
			t.Fatal("it is neither a dead letter nor none")
		}
		if d != nil {
			_, _ = Event(d)
		}
		if _, strict := envelope.DecodeDeadLetter([]byte(value)); (strict == nil) != (err == nil) {
			t.Errorf("it says %v, and strictly %v", err, strict)
		}
	})
}
