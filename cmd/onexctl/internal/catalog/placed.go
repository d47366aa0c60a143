package catalog

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
)

// Placed says at which line and column of a file an error of decoding JSON is.
func Placed(name string, text []byte, err error) error {
	offset, fault, member := int64(0), err, jsontext.Pointer("")
	if e, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		offset, fault = e.ByteOffset, e.Err
	}
	if e, ok := errors.AsType[*json.SemanticError](err); ok {
		offset, fault, member = e.ByteOffset, e.Err, e.JSONPointer
		if fault == nil {
			fault = fmt.Errorf("a %s does not belong there", e.JSONKind)
		}
	}
	before := text[:min(offset, int64(len(text)))]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := len(before) - bytes.LastIndexByte(before, '\n')
	if member != "" {
		return fmt.Errorf("%s:%d:%d: %s: %w", name, line, column, terminal.Printable(string(member)), fault)
	}
	return fmt.Errorf("%s:%d:%d: %w", name, line, column, fault)
}
