package emit

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// Form is one form that a catalog can be written down in.
type Form struct {
	Render func(*Catalog) ([]byte, error)

	// Recognises tells whether src is a catalog in this form, and so may be
	// replaced by another one.
	Recognises func(src []byte) bool
}

// Forms has every form by its name.
var Forms = map[string]Form{
	"json":     {(*Catalog).JSON, isCatalogJSON},
	"markdown": {(*Catalog).Markdown, beginsWith(markdownHeader)},
	"asyncapi": {(*Catalog).AsyncAPI, isAsyncAPI},
	"contract": {(*Catalog).Contract, beginsWith(contractHeader)},
}

// isCatalogJSON goes by the keys: JSON has no room for a header, and a list of
// nodes may be anybody's.
func isCatalogJSON(src []byte) bool {
	dec := json.NewDecoder(bytes.NewReader(src))
	dec.DisallowUnknownFields()
	var doc catalogJSON
	if err := dec.Decode(&doc); err != nil || doc.Nodes == nil {
		return false
	}
	_, err := dec.Token()
	return errors.Is(err, io.EOF)
}

func isAsyncAPI(src []byte) bool {
	var doc map[string]json.RawMessage
	err := json.Unmarshal(src, &doc)
	return err == nil && doc["asyncapi"] != nil && string(doc[generatedKey]) == `"`+generatedBy+`"`
}

// beginsWith recognises a text by its first line, apart from what a merge puts
// in front of it.
func beginsWith(header string) func([]byte) bool {
	return func(src []byte) bool {
		lines := proper(src)
		return len(lines) > 0 && lines[0] == header
	}
}
