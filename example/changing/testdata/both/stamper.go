package both

import (
	"context"

	onex "github.com/omninode-ai/onexevents/runtime"
)

//go:generate go tool onexevents

// Document is what is to be stamped, as it was at first.
type Document struct {
	ID    string `json:"id"`
	Pages int    `json:"pages"`
}

// DocumentV2 has its pages themselves.
type DocumentV2 struct {
	ID    string   `json:"id"`
	Pages []string `json:"pages"`
}

// Old is the document as it was at first.
func (d DocumentV2) Old() Document {
	return Document{ID: d.ID, Pages: len(d.Pages)}
}

// Stamp says that a document existed.
type Stamp struct {
	DocumentID string `json:"document_id"`
}

// Stamper stamps documents.
//
//onex:operations type=effect service=archive state=false metric=false
//onex:operations stamp(Document,Stamp) stamp@2(DocumentV2,Stamp)
type Stamper struct {
	events *StamperEvents
}

// NewStamper returns a Stamper whose events name it id.
func NewStamper(pub *onex.Publisher, id string) *Stamper {
	return &Stamper{events: NewStamperEvents(pub, id)}
}

// Stamp stamps a document. It publishes the events of both versions.
func (s *Stamper) Stamp(ctx context.Context, doc DocumentV2) (Stamp, error) {
	return s.events.RunStampV2(ctx, doc, onex.Also(s.events.RunStamp, DocumentV2.Old, s.stamp))
}

func (s *Stamper) stamp(_ context.Context, doc DocumentV2) (Stamp, error) {
	return Stamp{DocumentID: doc.ID}, nil
}
