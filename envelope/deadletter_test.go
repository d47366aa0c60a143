package envelope

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestDeadLetter(t *testing.T) {
	letter := DeadLetter{
		OriginalTopic: "dev.a.effect.x.started.v1", OriginalKey: "k\"", OriginalData: json.RawMessage(`{"a":1}`),
		FailureReason: "MESSAGE_TOO_LARGE", FailureTimestamp: time.Date(2025, 11, 5, 12, 34, 56, 0, time.UTC), RetryAttempts: 1,
	}
	b, err := letter.AppendJSON(nil)
	want := `{"original_topic":"dev.a.effect.x.started.v1","original_key":"k\"","original_data":{"a":1},"failure_reason":"MESSAGE_TOO_LARGE","failure_timestamp":"2025-11-05T12:34:56+00:00","retry_attempts":1}`
	if err != nil || string(b) != want {
		t.Fatalf("%s, %v\nwant %s", b, err, want)
	}
	if again, err := DecodeDeadLetter(b); err != nil || !reflect.DeepEqual(again, letter) {
		t.Errorf("%+v, %v", again, err)
	}
	for _, key := range []string{"original_topic", "original_key", "original_data", "failure_reason", "failure_timestamp", "retry_attempts"} {
		if _, err := DecodeDeadLetter([]byte(strings.Replace(want, key, "x", 1))); err == nil || !strings.Contains(err.Error(), key+" is missing") {
			t.Errorf("without %s: %v", key, err)
		}
	}
	for _, wrong := range []string{"", "[]", `{"original_topic":1}`} {
		if _, err := DecodeDeadLetter([]byte(wrong)); err == nil {
			t.Errorf("%q is no dead letter", wrong)
		}
	}
	letter.OriginalData = json.RawMessage("[]")
	if _, err := letter.AppendJSON(nil); err == nil || !strings.Contains(err.Error(), "original_data") {
		t.Errorf("data that is no object: %v", err)
	}
}
