package main

import (
	"context"
	"fmt"
)

//go:generate go tool onexevents

// Document is what is to be stamped.
type Document struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// Stamp says that a document was there.
type Stamp struct {
	Document string `json:"document"`
	Size     int    `json:"size"`
}

// EmptyError is the refusal to stamp nothing.
type EmptyError struct{ ID string }

func (e *EmptyError) Error() string { return fmt.Sprintf("document %q is empty", e.ID) }

// Stamper stamps documents.
//
//onex:operations type=effect service=outside state=false stamp(Document,Stamp)
type Stamper struct {
	events *StamperEvents
}

// Stamp stamps a document.
func (s *Stamper) Stamp(ctx context.Context, doc Document) (Stamp, error) {
	return s.events.RunStamp(ctx, doc, func(ctx context.Context, doc Document) (Stamp, error) {
		if doc.Text == "" {
			return Stamp{}, &EmptyError{doc.ID}
		}
		_ = s.events.PublishMetricRecorded(ctx, "document_size", float64(len(doc.Text)), "bytes") // no event is worth the operation
		return Stamp{doc.ID, len(doc.Text)}, nil
	})
}
