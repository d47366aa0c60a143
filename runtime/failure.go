package onex

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"
)

// errorType names the kind of a failure: by its own account, if the error or
// one that it wraps has a method ErrorType; else by the innermost type that
// says anything.
func errorType(err error) string {
	var typed interface{ ErrorType() string }
	if errors.As(err, &typed) {
		if name := typed.ErrorType(); name != "" {
			return name
		}
	}
	if name := innermostType(err); name != "" {
		return name
	}
	if errors.Is(err, context.Canceled) { // a plain text error, but a kind of its own
		return "Canceled"
	}
	return "error"
}

// innermostType follows err to the last error that it wraps, of several the
// first that leads anywhere, and returns the last informative name on the way.
func innermostType(err error) string {
	if err == nil {
		return ""
	}
	switch wrapper := err.(type) {
	case interface{ Unwrap() error }:
		if name := innermostType(wrapper.Unwrap()); name != "" {
			return name
		}
	case interface{ Unwrap() []error }:
		for _, wrapped := range wrapper.Unwrap() {
			if name := innermostType(wrapped); name != "" {
				return name
			}
		}
	}
	t := reflect.TypeOf(err)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.PkgPath() {
	case "errors", "fmt", "github.com/pkg/errors":
		return "" // texts and wrappers
	}
	name, _, _ := strings.Cut(t.Name(), "[")
	return name
}

// describe returns the type and the text of a failure, the text masked and cut.
// A failure whose own methods panic is a failure to be told of all the same.
func (cfg *Config) describe(err error) (kind, text string) {
	kind = attempt(err, func() string { return errorType(err) })
	text = attempt(err, func() string {
		// Masking comes first, because a cut can hide what a secret looks
		// like; but not at the price of searching megabytes.
		return cfg.Mask(cut(err.Error(), 16*cfg.MaxErrorBytes))
	})
	return kind, cut(text, cfg.MaxErrorBytes)
}

// attempt returns what f does, or that f panicked.
func attempt(err error, f func() string) (s string) {
	defer func() {
		if recover() != nil {
			s = fmt.Sprintf("%T (its methods panic)", err)
		}
	}()
	return f()
}

// cut shortens s to at most limit bytes, between two characters.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	const ellipsis = "…"
	end := max(0, limit-len(ellipsis))
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + ellipsis
}
