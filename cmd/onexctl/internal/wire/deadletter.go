package wire

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/omninode-ai/onexevents/envelope"
)

// DeadLetter reads the value of a record on a topic of dead letters. What the
// reference implementation writes is wider than what can be replayed: a key may be
// null, and what failed may be no event. Of that it returns what there is, and an
// error that says why it cannot be replayed. It returns nil for what is no dead
// letter at all.
func DeadLetter(value []byte) (*envelope.DeadLetter, error) {
	strict, fault := envelope.DecodeDeadLetter(value)
	if fault == nil {
		return &strict, nil
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(value, &members) != nil {
		return nil, fault
	}
	var d envelope.DeadLetter
	for name, field := range map[string]any{
		"original_topic": &d.OriginalTopic, "original_key": &d.OriginalKey, "failure_reason": &d.FailureReason, "retry_attempts": &d.RetryAttempts,
	} {
		_ = json.Unmarshal(members[name], field) // else it stays empty
	}
	if d.OriginalTopic == "" && d.FailureReason == "" {
		return nil, fault
	}
	d.OriginalData = members["original_data"]
	d.FailureTimestamp = timestamp(members["failure_timestamp"])
	return &d, fault
}

// timestamp reads a time, which is in UTC if it does not say; the zero time if it
// is none.
func timestamp(member json.RawMessage) (t time.Time) {
	var text string
	if json.Unmarshal(member, &text) != nil {
		return t
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t
		}
	}
	return t
}

// Event reads the event of a dead letter.
func Event(d *envelope.DeadLetter) (envelope.Envelope, error) {
	env, err := envelope.DecodeAny(d.OriginalData)
	if err != nil {
		return nil, fmt.Errorf("what failed is no event: %w", err)
	}
	return env, nil
}
