// Package stamping holds the node that stamps documents, and the one that
// computes what is stamped on them.
package stamping

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	onex "github.com/omninode-ai/onexevents/runtime"
)

//go:generate go tool onexevents

// Document is what is to be stamped.
type Document struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// Stamp says that a document existed at a time.
type Stamp struct {
	DocumentID string    `json:"document_id"`
	Digest     string    `json:"digest"`
	At         time.Time `json:"at"`
}

// EmptyDocumentError is the refusal to stamp nothing. Its type is the
// error_type of the event.
type EmptyDocumentError struct{ ID string }

func (e *EmptyDocumentError) Error() string {
	return fmt.Sprintf("document %q is empty", e.ID)
}

// Stamper stamps documents. It has no states, so it has no state event.
//
//onex:operations type=effect service=stamping state=false stamp(Document,Stamp)
type Stamper struct {
	events   *StamperEvents
	digester *Digester
}

// NewStamper returns a stamper called id.
func NewStamper(pub *onex.Publisher, id string) *Stamper {
	return &Stamper{
		events:   NewStamperEvents(pub, id),
		digester: &Digester{DigesterEvents: NewDigesterEvents(pub, id+"-digester")},
	}
}

// Stamp stamps one document.
func (s *Stamper) Stamp(ctx context.Context, doc Document) (Stamp, error) {
	return s.events.RunStamp(ctx, doc, s.stamp)
}

func (s *Stamper) stamp(ctx context.Context, doc Document) (Stamp, error) {
	if doc.Text == "" {
		return Stamp{}, &EmptyDocumentError{doc.ID}
	}
	// A failure to report is no failure to stamp.
	_ = s.events.PublishMetricRecorded(ctx, "document_size", float64(len(doc.Text)), "bytes",
		onex.WithMetadata(map[string]any{"document": doc.ID}))
	digest, err := s.digester.RunDigest(ctx, []byte(doc.Text), s.digester.digest)
	if err != nil {
		return Stamp{}, fmt.Errorf("digest %s: %w", doc.ID, err)
	}
	return Stamp{DocumentID: doc.ID, Digest: digest, At: time.Now()}, nil
}

// Digester computes digests. It embeds its events, so that their methods are
// its own.
//
//onex:operations type=compute service=stamping state=false metric=false
//onex:operations digest([]byte,string)
type Digester struct {
	*DigesterEvents
}

func (d *Digester) digest(_ context.Context, data []byte) (string, error) {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}
