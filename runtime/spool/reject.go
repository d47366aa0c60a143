package spool

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"
	"unicode/utf8"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool/internal/folder"
	"github.com/omninode-ai/onexevents/runtime/spool/internal/store"
)

// rejectedName has the events that were not fit to be sent, for people to read.
const rejectedName = "rejected.jsonl"

// Reject implements [onex.RejectingSpool]. The events are written to the file
// rejected.jsonl in the spool's folder, each as a line of JSON that says why.
// Nothing deletes that file but people. After a crash, an event may be in it twice.
func (s *Spool) Reject(events []onex.Spooled, reasons []error) error {
	var text []byte
	for i, e := range events {
		line, err := json.Marshal(rejectionOf(e, reasons[i]))
		if err != nil {
			return fmt.Errorf("spool: reject event %d of topic %q: %w", e.Seq, e.Topic, err)
		}
		text = append(append(text, line...), '\n')
	}
	err := s.change(func(*store.Store) error { return s.appendTo(rejectedName, text) })
	if err != nil {
		return fmt.Errorf("spool: reject %d events: %w", len(events), err)
	}
	return nil
}

func (s *Spool) appendTo(name string, text []byte) error {
	f, err := folder.Open(s.path(name), os.O_WRONLY|os.O_APPEND|os.O_CREATE)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return folder.Sync(s.dir)
}

// rejection is a line of the file.
type rejection struct {
	Reason    string    `json:"reason"`
	Seq       uint64    `json:"seq"`
	Topic     string    `json:"topic"`
	At        time.Time `json:"at"`
	Operation string    `json:"operation,omitempty"`

	// Each in one of two forms: as text if it is some.
	Key         string `json:"key,omitempty"`
	KeyBase64   []byte `json:"key_base64,omitempty"`
	Value       string `json:"value,omitempty"`
	ValueBase64 []byte `json:"value_base64,omitempty"`
}

func rejectionOf(e onex.Spooled, reason error) rejection {
	r := rejection{Reason: reason.Error(), Seq: e.Seq, Topic: e.Topic, At: e.At.UTC(), Operation: e.Operation}
	r.Key, r.KeyBase64 = textOrBytes(e.Key)
	r.Value, r.ValueBase64 = textOrBytes(e.Value)
	return r
}

func textOrBytes(b []byte) (string, []byte) {
	if utf8.Valid(b) {
		return string(b), nil
	}
	return "", b
}
