package envelope

import (
	"encoding/json"
	"fmt"
	"time"
)

// DeadLetter is the value of a record on a dead-letter topic: an event that
// Kafka would not take, with the reason. JSON keys: original_topic,
// original_key, original_data, failure_reason, failure_timestamp,
// retry_attempts (envelope/contract.md, section 3).
type DeadLetter struct {
	OriginalTopic    string
	OriginalKey      string
	OriginalData     json.RawMessage // the envelope
	FailureReason    string
	FailureTimestamp time.Time
	RetryAttempts    int
}

// AppendJSON appends the dead letter's JSON to b. It reports OriginalData that
// is not a JSON object, and a time outside of the years 1 to 9999.
func (d DeadLetter) AppendJSON(b []byte) ([]byte, error) {
	w := begin(b)
	w.raw([]byte("{"))
	w.text("original_topic", d.OriginalTopic)
	w.text("original_key", d.OriginalKey)
	w.key("original_data")
	var err error
	w.b, err = appendObject(w.b, d.OriginalData)
	w.fail("original_data", err)
	w.text("failure_reason", d.FailureReason)
	w.timestamp("failure_timestamp", d.FailureTimestamp)
	w.key("retry_attempts")
	w.b = fmt.Appendf(w.b, "%d}", d.RetryAttempts)
	return w.end()
}

// DecodeDeadLetter reads the value of a record on a dead-letter topic. Unknown
// keys are ignored; an error names the field that is missing or wrong. The
// result does not share memory with data; its OriginalData is for [Decode].
func DecodeDeadLetter(data []byte) (DeadLetter, error) {
	r, err := readObject(data, false)
	if err != nil {
		return DeadLetter{}, fmt.Errorf("envelope: the dead letter %w", err)
	}
	defer r.free()
	d := DeadLetter{
		OriginalTopic:    r.string("original_topic"),
		OriginalKey:      r.string("original_key"),
		OriginalData:     r.object("original_data"),
		FailureReason:    r.string("failure_reason"),
		FailureTimestamp: r.time("failure_timestamp"),
		RetryAttempts:    int(r.float("retry_attempts")),
	}
	if d.OriginalData == nil {
		r.fail("original_data", errMissing)
	}
	if r.err != nil {
		return DeadLetter{}, fmt.Errorf("envelope: dead letter: %w", r.err)
	}
	return d, nil
}
