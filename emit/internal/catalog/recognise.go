package catalog

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// IsJSON tells whether src is what JSON writes. It goes by the keys: JSON has no room for a header, and a list of
// nodes may be anybody's.
func IsJSON(src []byte) bool {
	dec := json.NewDecoder(bytes.NewReader(src))
	dec.DisallowUnknownFields()
	var doc Document
	if err := dec.Decode(&doc); err != nil || doc.Nodes == nil {
		return false
	}
	_, err := dec.Token()
	return errors.Is(err, io.EOF)
}

// IsAsyncAPI tells whether src is what AsyncAPI writes.
func IsAsyncAPI(src []byte) bool {
	var doc map[string]json.RawMessage
	err := json.Unmarshal(src, &doc)
	return err == nil && doc["asyncapi"] != nil && string(doc[generatedKey]) == `"`+generatedBy+`"`
}

// IsSchema tells whether src is what Schemas writes.
func IsSchema(src []byte) bool {
	var doc map[string]json.RawMessage
	err := json.Unmarshal(src, &doc)
	return err == nil && doc["$schema"] != nil && string(doc[generatedKey]) == `"`+generatedBy+`"`
}
