package envelope

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
)

// What Python's json and pydantic read beyond JSON and beyond the forms in which
// values are written.

// appendAsJSON appends the value of m without white space, with null for the
// numbers that JSON does not have.
func (r *reader) appendAsJSON(b []byte, m *member) []byte {
	text := r.spelt(m)
	if !m.spaced && !m.odd {
		return append(b, text...)
	}
	for i := 0; i < len(text); {
		s := scanner{text: text, python: true}
		start := i
		switch c := text[i]; {
		case isSpace(c):
			i++
			continue
		case c == '"':
			i = s.string(i)
		case strings.IndexByte("-0123456789NI", c) >= 0:
			if i = s.pythonNumber(i); s.odd > 0 {
				b = append(b, null...)
				continue
			}
		default:
			i++
		}
		b = append(b, text[start:i]...)
	}
	return b
}

// appendValue writes the JSON value in raw without white space.
func appendValue(b []byte, raw json.RawMessage) ([]byte, error) {
	s := scanner{text: string(raw), python: true, depth: 1} // in an envelope; the members are not wanted
	start := s.space(0)
	end := s.value(start)
	if end == invalid || s.space(end) != len(s.text) || s.odd > 0 || !s.isASCII() && !utf8.Valid(raw) {
		return b, errors.New("is not valid JSON")
	}
	r := reader{text: s.text}
	return r.appendAsJSON(b, &member{start: start, end: end, spaced: s.spaces > 0}), nil
}

// elements returns the values of a list, as they are spelt.
func (r *reader) elements(m *member) (texts []string) {
	s := scanner{text: r.spelt(m), python: true}
	for i := s.space(1); !s.is(i, ']'); {
		end := s.value(i) // which has been found valid
		texts = append(texts, s.text[i:end])
		if i = s.space(end); s.is(i, ',') {
			i = s.space(i + 1)
		}
	}
	return texts
}

// kindIsNot fails if the value of m is not of that kind.
func (r *reader) kindIsNot(key string, m *member, want string) bool {
	kind := kindOf(r.spelt(m))
	if kind == want {
		return false
	}
	r.fail(key, fmt.Errorf("is %s where %s belongs", kind, want))
	return true
}

func (r *reader) uuidPython(key string, m *member) uuid.UUID {
	s := r.textOf(key, m)
	id := r.uuidOf(key, s)
	if len(s) > 2*len(id)+4 && s[0]|0x20 == 'u' && !strings.HasPrefix(s, "urn:uuid:") {
		r.fail(key, fmt.Errorf("is wrong: %q is not a UUID", s))
	}
	return id
}

// integerPython reads 5, 5.0, "5", " 1_000.0 " and true. What is beyond an int64 is
// the largest or the smallest of them.
func (r *reader) integerPython(key string, m *member) int64 {
	n, _ := strconv.ParseInt(r.digitsPython(key, m), 10, 64)
	return n
}

// digitsPython returns the digits of such an integer, with a sign if it has one.
func (r *reader) digitsPython(key string, m *member) string {
	text := r.spelt(m)
	digits := ""
	switch kind := kindOf(text); {
	case kind == "true":
		return "1"
	case kind == "false":
		return "0"
	case kind == "a string":
		digits = integerText(r.textOf(key, m))
	case kind != "a number" || m.odd:
	case strings.ContainsAny(text, ".eE"):
		// In between every float is an integer that an int64 can be.
		if f, _ := strconv.ParseFloat(text, 64); f == math.Trunc(f) && f >= -1<<63 && f < 1<<63 {
			digits = strconv.FormatInt(int64(f), 10)
		}
	default:
		digits = text
	}
	if digits == "" {
		r.fail(key, fmt.Errorf("is %.100s where an integer belongs", text))
		return "0"
	}
	return digits
}

// integerText returns the digits of an integer that is a string, with a sign if it
// has one, or "".
func integerText(s string) string {
	s = strings.TrimFunc(s, unicode.IsSpace)
	if whole, zeros, ok := strings.Cut(s, "."); ok {
		if zeros == "" || strings.Trim(zeros, "0") != "" {
			return ""
		}
		s = whole
	}
	digits := strings.TrimLeft(s, "+-")
	sign := s[:len(s)-len(digits)]
	if rest := strings.TrimLeft(digits, "0_"); strings.HasPrefix(digits, "0") && rest != "" {
		digits = rest
	} else if strings.HasPrefix(digits, "0") && strings.HasSuffix(digits, "0") {
		digits = "0" // in front of it any number of underscores may stand in a row
	}
	parts := strings.Split(digits, "_")
	if len(sign) > 1 || len(digits) > maxDigits || !slices.Equal(parts, slices.DeleteFunc(slices.Clone(parts), func(p string) bool { return !isDigits(p) })) {
		return ""
	}
	return sign + strings.Join(parts, "")
}

func isDigits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}

func (r *reader) boolPython(key string, m *member) any {
	text := r.spelt(m)
	switch kindOf(text) {
	case "true", "false":
		return text == "true"
	case "a number":
		if f, err := strconv.ParseFloat(text, 64); err == nil && (f == 0 || f == 1) {
			return f == 1
		}
	case "a string":
		switch strings.ToLower(r.textOf(key, m)) {
		case "1", "t", "true", "y", "yes", "on":
			return true
		case "0", "f", "false", "n", "no", "off":
			return false
		}
	}
	r.fail(key, fmt.Errorf("is %s where true or false belongs", text))
	return false
}

// timePython reads a time as pydantic does: with or without an offset, a date
// alone, or the seconds or milliseconds since 1970.
func (r *reader) timePython(key string, m *member) time.Time {
	text := r.spelt(m)
	var t time.Time
	err := errNoTime
	switch kindOf(text) {
	case "a string":
		text = r.textOf(key, m)
		t, err = parsePythonTime(text)
	case "a number":
		t, err = parseUnix(text, !strings.ContainsAny(text, ".eEN"))
	}
	if err != nil {
		r.fail(key, fmt.Errorf("is wrong: %.100q is %w", text, err))
	}
	return t
}

var errNoTime = errors.New("no time, such as 2026-11-05T12:34:56.123456Z")

// unixTime is what a string has to be that is read as a number. It may have an
// exponent only if it has a point.
var unixTime = regexp.MustCompile(`^[+-]?(\d+|(\d+\.\d*|\.\d+)([eE][+-]?\d+)?)$`)

func parsePythonTime(s string) (time.Time, error) {
	if rest, ok := strings.CutSuffix(s, "Z"); ok {
		if t, ok := parseUTC(rest); ok {
			return t, nil
		}
	}
	if t, ok := parseClock(s); ok {
		return t, nil
	}
	if unixTime.MatchString(s) {
		return parseUnix(s, !strings.Contains(s, "."))
	}
	if date, err := time.ParseInLocation("2006-01-02", s, NoOffset); err == nil && date.Year() > 0 {
		return date, nil
	}
	return time.Time{}, errNoTime
}

// parseClock reads a date and the time of a day.
func parseClock(s string) (t time.Time, ok bool) {
	const date, minute = "2006-01-02", "15:04"
	if len(s) < len(date+" "+minute) || strings.IndexByte("T t_", s[len(date)]) < 0 {
		return t, false
	}
	clock := s[len(date)+1:]
	offset := len(clock)
	if i := strings.IndexAny(clock, "Zz+-\u2212"); i >= 0 {
		offset = i
	}
	where, ok := parseOffset(clock[offset:])
	clock = clock[:offset]
	layout := minute
	if len(clock) > len(minute) {
		if layout += ":05"; len(clock) < len(layout) || clock[len(clock)-1] == '.' || clock[len(clock)-1] == ',' {
			return t, false
		}
	}
	// time.Parse takes one digit for an hour, and a space in front of it.
	if !ok || len(clock) < len(minute) || clock[2] != ':' || !isDigits(clock[:2]) {
		return t, false
	}
	t, err := time.ParseInLocation(date+" "+layout, s[:len(date)]+" "+clock, where)
	return t.Truncate(time.Microsecond), err == nil && t.Year() > 0
}

// parseOffset reads what comes behind the time of a day.
func parseOffset(s string) (*time.Location, bool) {
	switch s {
	case "":
		return NoOffset, true
	case "Z", "z":
		return time.UTC, true
	}
	sign := 1
	digits, minus := strings.CutPrefix(s, "-")
	if !minus {
		digits, minus = strings.CutPrefix(s, "\u2212")
	}
	if minus {
		sign = -1
	} else {
		digits = strings.TrimPrefix(s, "+")
	}
	if len(digits) == 5 && digits[2] == ':' {
		digits = digits[:2] + digits[3:]
	}
	if len(digits) != 4 || !isDigits(digits) {
		return nil, false
	}
	hours, minutes := number(digits[:2]), number(digits[2:])
	if hours > 23 || minutes > 59 {
		return nil, false
	}
	if hours+minutes == 0 {
		return time.UTC, true
	}
	return time.FixedZone("", sign*(hours*60+minutes)*60), true
}

// parseUnix reads the seconds since 1970, or the milliseconds if they are more than
// 20,000,000,000.
func parseUnix(text string, whole bool) (t time.Time, err error) {
	const limit = 20_000_000_000
	if whole {
		n, err := strconv.ParseInt(text, 10, 64)
		switch {
		case err != nil:
			return t, errNoTime
		case n < -limit || n > limit:
			t = time.UnixMilli(n)
		default:
			t = time.Unix(n, 0)
		}
	} else {
		f, err := strconv.ParseFloat(text, 64)
		if math.IsNaN(f) || math.Abs(f) > 1e15 { // beyond the year 9999
			return t, errNoTime
		}
		_ = err
		micros := 1e6
		if math.Abs(f) > limit {
			micros = 1e3
		}
		floor := math.Floor(f)
		t = time.UnixMicro(int64(floor)*int64(micros) + int64(math.Round((f-floor)*micros)))
	}
	t = t.UTC()
	if checkYear(t.Year()) != nil {
		return t, errNoTime
	}
	return t, nil
}

// appendTimeZ writes a time with Z for UTC.
func appendTimeZ(b []byte, t time.Time) ([]byte, error) { return appendTimeOffset(b, t, "Z") }

// appendTimeOffset writes a time with the offset that it was read with, which is
// spelt utc if there is none. A time that was not read is written in UTC.
func appendTimeOffset(b []byte, t time.Time, utc string) ([]byte, error) {
	end := utc + `"`
	if t.Location() == NoOffset {
		end = `"`
	} else if name, offset := t.Zone(); name == "" && offset%60 == 0 {
		end = t.Format(`-07:00"`)
		t = t.Add(time.Duration(offset) * time.Second)
	}
	b, err := appendTime(b, t)
	if err != nil {
		return b, err
	}
	return append(b[:len(b)-len(utcOffset)], end...), nil
}
