package wrong

//go:generate go tool onexevents

// Document is what is to be stamped.
type Document struct {
	ID    string   `json:"id"`
	Pages []string `json:"pages"`
}

// Stamp says that a document existed.
type Stamp struct {
	DocumentID string `json:"document_id"`
}

// Stamper stamps documents.
//
//onex:operations type=effect service=archive state=false metric=false stamp(Document,Stamp)
type Stamper struct {
	events *StamperEvents
}
