package encode

import (
	"errors"
	"strings"
	"testing"
)

// What is as large as its limit is taken, and what is larger says by how much.
func TestLimits(t *testing.T) {
	if err := Name("the name", strings.Repeat("x", 1024)); err != nil {
		t.Error(err)
	}
	err := Name("the name", strings.Repeat("x", 1025))
	if !errors.Is(err, ErrTooLarge) || err.Error() != "the event is too large: the name has 1025 bytes, and 1024 are the limit" {
		t.Errorf("error %v", err)
	}
}

// Metadata are nested as deep as readers take, and as large as they may be.
func TestMetadataLimits(t *testing.T) {
	nested := func(depth int) map[string]any {
		m := map[string]any{}
		for range depth - 1 {
			m = map[string]any{"a": m}
		}
		m["b"] = "[{" // which nests nothing
		return m
	}
	for depth, want := range map[int]string{100: "", 101: "metadata: it is nested deeper than 100 levels"} {
		if _, err := Metadata(nested(depth), 1<<20); err != nil && err.Error() != want || err == nil && want != "" {
			t.Errorf("%d levels: %v, want %q", depth, err, want)
		}
	}
	for limit, ok := range map[int]bool{8: true, 7: false} { // with the line's end
		if _, err := Metadata(map[string]any{"a": 1}, limit); ok != (err == nil) || !ok && !errors.Is(err, ErrTooLarge) {
			t.Errorf("8 bytes, of which %d are allowed: %v", limit, err)
		}
	}
}
