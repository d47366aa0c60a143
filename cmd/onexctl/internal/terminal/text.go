package terminal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Printable returns s with all escaped that is more than text to a terminal, or
// that makes one text look like another: control characters, what changes the
// direction of writing, invalid UTF-8, line ends. What comes from events and
// errors goes through it.
func Printable(s string) string {
	if isPrintable(s) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case strconv.IsPrint(r):
			b.WriteRune(r)
		default:
			quoted := strconv.QuoteRune(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
		s = s[size:]
	}
	return b.String()
}

func isPrintable(s string) bool {
	for _, r := range s {
		if !strconv.IsPrint(r) {
			return false
		}
	}
	return utf8.ValidString(s)
}

// JSONLine returns a JSON text on one line, with what Printable escapes escaped
// as JSON does; to a reader of JSON it is the same.
func JSONLine(text []byte) ([]byte, error) {
	var line bytes.Buffer
	if err := json.Compact(&line, text); err != nil {
		return nil, err
	}
	return EscapeJSON(line.Bytes()), nil
}

// Indented returns a JSON text in lines, escaped as by JSONLine.
func Indented(text []byte, prefix string) []byte {
	var lines bytes.Buffer
	if err := json.Indent(&lines, text, prefix, "  "); err != nil {
		return []byte(Printable(string(text)))
	}
	return EscapeJSON(lines.Bytes())
}

// EscapeJSON escapes what stands in the strings of a JSON text; between them
// there is nothing that would need it.
func EscapeJSON(text []byte) []byte {
	if isPrintable(strings.ReplaceAll(string(text), "\n", "")) {
		return text
	}
	escaped := make([]byte, 0, len(text)+len(text)/8)
	for _, r := range string(text) {
		switch {
		case r == '\n' || strconv.IsPrint(r):
			escaped = utf8.AppendRune(escaped, r)
		case r > 0xffff:
			r -= 0x10000
			escaped = fmt.Appendf(escaped, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			escaped = fmt.Appendf(escaped, `\u%04x`, r)
		}
	}
	return escaped
}

// Clip cuts text that would be too long for a line.
func Clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit] + "…"
}

// fieldLimit is how much is shown of what a stranger has written.
const fieldLimit = 400

// Field returns text from outside for one field of a line: printable, and not too
// long for it.
func Field(s string) string { return Clip(Printable(Clip(s, fieldLimit)), fieldLimit) }

// Fit returns printable text that is so many characters wide.
func Fit(s string, width int) string {
	runes := []rune(s)
	if len(runes) > width {
		return string(runes[:width-1]) + "…"
	}
	return s + strings.Repeat(" ", width-len(runes))
}

// Length puts milliseconds in words.
func Length(ms float64) string {
	switch {
	case ms < 1000:
		return strconv.FormatFloat(ms, 'f', 3, 64) + " ms"
	case ms < 60_000:
		return strconv.FormatFloat(ms/1000, 'f', 3, 64) + " s"
	case ms < 1e12:
		return (time.Duration(ms) * time.Millisecond).Round(time.Second).String()
	default:
		return strconv.FormatFloat(ms, 'g', -1, 64) + " ms"
	}
}

// Age puts in words how long ago something was, briefly.
func Age(d time.Duration) string {
	switch d = max(0, d); {
	case d < time.Minute:
		return fmt.Sprintf("%ds", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%dm", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh", d/time.Hour)
	default:
		return fmt.Sprintf("%dd", d/(24*time.Hour))
	}
}

// Size puts a number of bytes in words.
func Size(bytes int64) string {
	switch {
	case bytes < 10<<10:
		return fmt.Sprintf("%d B", bytes)
	case bytes < 10<<20:
		return fmt.Sprintf("%d KiB", bytes>>10)
	case bytes < 10<<30:
		return fmt.Sprintf("%d MiB", bytes>>20)
	default:
		return fmt.Sprintf("%d GiB", bytes>>30)
	}
}

// Counted says how many there are of something.
func Counted(n int64, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// Millis are the milliseconds of a duration.
func Millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
