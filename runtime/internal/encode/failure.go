package encode

import (
	"context"
	"math"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/omninode-ai/onexevents/runtime/internal/guest"
)

// maxErrorType bounds an error type, which stands in an event twice.
const maxErrorType = 200

// Failure returns the type and the text of an error, both masked and cut, the
// text to limit bytes. An error whose own methods panic is a failure to be told
// of all the same.
func Failure(err error, mask func(string) string, limit int) (kind, text string) {
	kind = typeName(err)
	unlessPanic(func() { kind = errorType(err) })
	return Text(kind, mask, maxErrorType), ErrorText(err, mask, limit)
}

// ErrorText returns the text of an error, masked and cut to limit bytes.
func ErrorText(err error, mask func(string) string, limit int) string {
	text := "(the methods of the error panic)"
	unlessPanic(func() { text = err.Error() })
	return Text(text, mask, limit)
}

// Text returns a text for people, masked and cut to limit bytes. A mask that
// panics, or leaves nothing, hides all of it.
//
// Masking comes before the last cut, because a cut can hide what a secret looks
// like; but not at the price of searching megabytes.
func Text(s string, mask func(string) string, limit int) string {
	masked := ""
	unlessPanic(func() { masked = mask(beginning(s, limit)) })
	if masked == "" && s != "" {
		masked = Masked
	}
	return Cut(masked, limit)
}

func unlessPanic(f func()) {
	defer func() { _ = recover() }()
	f()
}

// beginning returns what is enough of s to mask, if limit bytes are wanted in the
// end. It does not end within a word, which may be the beginning of a secret.
func beginning(s string, limit int) string {
	const margin = 16
	if limit >= math.MaxInt/margin || len(s) <= margin*limit {
		return s
	}
	half := margin / 2 * limit
	if word := strings.LastIndexAny(s[half:margin*limit], " \t\r\n"); word >= 0 {
		return s[:half+word] + "…"
	}
	return Cut(s, half)
}

// errorType names the kind of a failure: by its own account, if the error or one
// that it wraps has a method ErrorType; else by the innermost type that says
// anything.
func errorType(err error) (name string) {
	said := guest.Walk(err, func(e error) bool {
		defer func() { _ = recover() }()
		typed, ok := e.(interface{ ErrorType() string })
		if as, can := e.(interface{ As(any) bool }); !ok && can {
			var found interface{ ErrorType() string }
			if as.As(&found) {
				typed, ok = found, true
			}
		}
		if ok {
			name = typed.ErrorType()
		}
		return name != ""
	})
	if said {
		return name
	}
	wrapped := maxWrapped
	if name := innermostType(err, &wrapped); name != "" {
		return name
	}
	if guest.Is(err, context.Canceled) { // a plain text error, but a kind of its own
		return "Canceled"
	}
	return "error"
}

// maxWrapped bounds how many errors are looked at, of one that may wrap itself.
const maxWrapped = 1000

// innermostType follows err to the last error that it wraps, of several the
// first that leads anywhere, and returns the last informative name on the way. It
// looks at left errors at the most.
func innermostType(err error, left *int) string {
	if err == nil || *left == 0 {
		return ""
	}
	*left--
	many, one := guest.Unwrap(err)
	if name := innermostType(one, left); name != "" {
		return name
	}
	for i := 0; i < min(len(many), maxWrapped) && *left > 0; i++ {
		if name := innermostType(many[i], left); name != "" {
			return name
		}
	}
	return typeName(err)
}

// typeName returns the name of an error's type without package, pointer and
// type arguments, and "" for types that only hold a text or another error.
func typeName(err error) string {
	t := reflect.TypeOf(err)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.PkgPath() {
	case "errors", "fmt", "github.com/pkg/errors":
		return ""
	}
	name, _, _ := strings.Cut(t.Name(), "[")
	return name
}

// Cut shortens s to at most limit bytes, between two characters, and shows
// that it did if there is room for that.
func Cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	ellipsis := "…"
	if limit < len(ellipsis) {
		ellipsis = ""
	}
	end := limit - len(ellipsis)
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + ellipsis
}
