package later

//go:generate go tool onexevents

// DocumentV2 is what is to be stamped.
type DocumentV2 struct {
	ID    string   `json:"id"`
	Pages []string `json:"pages"`
}

// Stamp says that a document existed.
type Stamp struct {
	DocumentID string `json:"document_id"`
}

// Stamper stamps documents.
//
//onex:except version-gone the last consumer of version 1 has moved
//onex:operations type=effect service=archive state=false metric=false
//onex:operations stamp@2(DocumentV2,Stamp)
type Stamper struct {
	events *StamperEvents
}
