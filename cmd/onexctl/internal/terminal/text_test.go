package terminal

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"":                       "",
		"größer → 7 😀":           "größer → 7 😀",
		"a\tb\r\nc":              `a\tb\r\nc`,
		"\x1b[31mred\x1b[0m":     `\x1b[31mred\x1b[0m`,
		"\u009b31m":              `\u009b31m`,
		"\x9b31m \xff":           `\x9b31m \xff`,
		"left\u202eright":        `left\u202eright`,
		"zero\u200bwidth\u2028":  `zero\u200bwidth\u2028`,
		"no-break\u00a0space":    `no-break\u00a0space`,
		"replacement \ufffd own": "replacement \ufffd own",
	} {
		if got := Printable(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

// Whatever text there is, it is nothing but text on one line.
func FuzzPrintable(f *testing.F) {
	f.Add("a\x1b[31m\u009b\xff\u202e😀")
	f.Fuzz(func(t *testing.T, text string) {
		onlyText(t, Printable(text))
	})
}

// Whatever JSON there is, it is nothing but text on one line, and has the same
// meaning.
func FuzzJSONLine(f *testing.F) {
	f.Add(`{"a": ["\u001b\u009b", "` + "\u009b\x7f\u202e\U000e0001" + `"]}`)
	f.Fuzz(func(t *testing.T, text string) {
		line, err := JSONLine([]byte(text))
		if err != nil {
			return
		}
		onlyText(t, string(line))
		var want, got any
		if err := json.Unmarshal([]byte(text), &want); err != nil {
			return // a number beyond all numbers
		}
		if err := json.Unmarshal(line, &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s becomes %s, %v", text, line, err)
		}
	})
}

func onlyText(t *testing.T, text string) {
	t.Helper()
	if !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		t.Errorf("%q is more than text", text)
	}
}

func TestLength(t *testing.T) {
	for ms, want := range map[float64]string{
		0: "0.000 ms", 1.5: "1.500 ms", 999.9996: "1000.000 ms", 1000: "1.000 s", 59_999: "59.999 s", 60_000: "1m0s",
		3_723_000: "1h2m3s", 1e300: "1e+300 ms", -1: "-1.000 ms",
	} {
		if got := Length(ms); got != want {
			t.Errorf("%v ms are %q, want %q", ms, got, want)
		}
	}
}
