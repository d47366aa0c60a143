package encode

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// maxDepth keeps an envelope well within the depth that readers take.
const maxDepth = 100

// Metadata returns the caller's own facts as a JSON object with sorted keys, nil
// if there are none, or why they cannot be in an event.
func Metadata(facts map[string]any, limit int) (json.RawMessage, error) {
	if len(facts) == 0 {
		return nil, nil
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(facts); err != nil {
		return nil, fmt.Errorf("metadata: %w", err)
	}
	if deeperThan(b.Bytes(), maxDepth) {
		return nil, fmt.Errorf("metadata: it is nested deeper than %d levels", maxDepth)
	}
	return b.Bytes(), Within("metadata", b.Len(), limit)
}

// deeperThan tells whether the objects and lists in valid JSON are nested
// deeper than limit.
func deeperThan(text []byte, limit int) bool {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > limit {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}
