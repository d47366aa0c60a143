package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/omninode-ai/onexevents/envelope"
)

// Letter is a dead letter, whoever has written it.
type Letter struct {
	envelope.DeadLetter

	// Consumers says that a consumer on the bus of ModelEventEnvelope has written it:
	// to a topic for the dead letters of several topics, with headers that are not the
	// event's.
	Consumers bool
}

// DeadLetter reads the value of a record on a topic of dead letters. What the
// reference implementation writes is wider than what can be replayed: a key may be
// null, and what failed may be no event. Of that it returns what there is, and an
// error that says why it cannot be replayed. It returns nil for what is no dead
// letter at all.
func DeadLetter(value []byte) (*Letter, error) {
	strict, fault := envelope.DecodeDeadLetter(value)
	if fault == nil {
		return &Letter{DeadLetter: strict}, nil
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(value, &members) != nil {
		return nil, fault
	}
	var d Letter
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
	if message, ok := members["original_message"]; ok {
		fault = d.consumers(message, members)
	}
	return &d, fault
}

// consumers takes what a consumer's dead letter calls otherwise: the record is in
// message, as text. The error says why it is not what it was.
func (d *Letter) consumers(message json.RawMessage, members map[string]json.RawMessage) error {
	d.Consumers = true
	var record struct{ Key, Value *string }
	if err := json.Unmarshal(message, &record); err != nil || record.Value == nil {
		return errors.New("its original_message has no value")
	}
	if record.Key != nil {
		d.OriginalKey = *record.Key
	}
	d.OriginalData = json.RawMessage(*record.Value)
	if !json.Valid(d.OriginalData) {
		d.OriginalData, _ = json.Marshal(*record.Value) // to be shown
	}
	_ = json.Unmarshal(members["retry_count"], &d.RetryAttempts)
	var redacted []string
	if _ = json.Unmarshal(members["redacted_fields"], &redacted); len(redacted) > 0 {
		return fmt.Errorf("the fields %s were taken out of it, as they may be secret", strings.Join(redacted, ", "))
	}
	var ids struct {
		V1 any `json:"event_id"`
		V2 any `json:"envelope_id"`
	}
	if json.Unmarshal(d.OriginalData, &ids) == nil && ids.V1 == nil && ids.V2 == nil {
		return errors.New("what failed has no id, by which it could be known again")
	}
	return nil
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
func Event(d *Letter) (envelope.Envelope, error) {
	env, err := envelope.DecodeAny(d.OriginalData)
	if err != nil {
		return nil, fmt.Errorf("what failed is no event: %w", err)
	}
	return env, nil
}
