package envelope

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
)

// The append functions write one JSON value each, in the form in which the
// reference writes it.

func appendString(b []byte, s string) []byte {
	// The error says that s was not valid UTF-8. Its invalid bytes have been
	// replaced by U+FFFD then, which is what an event is worth: better a
	// replaced character than no event.
	b, _ = jsontext.AppendQuote(b, s)
	return b
}

func appendNullable(b []byte, s *string) []byte {
	if s == nil {
		return append(b, "null"...)
	}
	return appendString(b, *s)
}

func appendUUID(b []byte, id uuid.UUID) []byte {
	return append(appendHyphenated(append(b, '"'), id), '"')
}

func appendHyphenated(b []byte, id uuid.UUID) []byte {
	text := [36]byte{8: '-', 13: '-', 18: '-', 23: '-'}
	hex.Encode(text[:8], id[:4])
	hex.Encode(text[9:13], id[4:6])
	hex.Encode(text[14:18], id[6:8])
	hex.Encode(text[19:23], id[8:10])
	hex.Encode(text[24:], id[10:])
	return append(b, text[:]...)
}

// appendFloat writes f as Python's repr does: always with a fraction or an
// exponent, so that a reader gets a float and never an int.
func appendFloat(b []byte, f float64) ([]byte, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return b, fmt.Errorf("%v is not a number that JSON can carry", f)
	}
	if abs := math.Abs(f); abs != 0 && (abs < 1e-4 || abs >= 1e16) {
		return strconv.AppendFloat(b, f, 'e', -1, 64), nil
	}
	b = strconv.AppendFloat(b, f, 'f', -1, 64)
	if f == math.Trunc(f) {
		b = append(b, ".0"...)
	}
	return b, nil
}

// appendObject writes the JSON object in raw without white space.
func appendObject(b []byte, raw json.RawMessage) ([]byte, error) {
	if jsontext.Value(raw).Kind() != '{' {
		return b, errors.New("is not a JSON object")
	}
	return jsontext.AppendFormat(b, raw, jsontext.AllowDuplicateNames(true), jsontext.PreserveRawStrings(true))
}

// appendTime writes t as Python's isoformat writes a time in UTC: with six
// fraction digits, or with none at all.
func appendTime(b []byte, t time.Time) ([]byte, error) {
	t = t.UTC()
	year, month, day := t.Date()
	if err := checkYear(year); err != nil {
		return b, err
	}
	hour, minute, second := t.Clock()
	b = append(b, '"')
	b = appendPair(appendPair(b, year/100), year%100)
	b = appendPair(append(b, '-'), int(month))
	b = appendPair(append(b, '-'), day)
	b = appendPair(append(b, 'T'), hour)
	b = appendPair(append(b, ':'), minute)
	b = appendPair(append(b, ':'), second)
	if micros := t.Nanosecond() / 1000; micros > 0 {
		b = appendPair(append(b, '.'), micros/10_000)
		b = appendPair(appendPair(b, micros/100%100), micros%100)
	}
	return append(b, `+00:00"`...), nil
}

// appendPair writes n with two digits.
func appendPair(b []byte, n int) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) }

// checkYear refuses the years that Python's datetime does not have.
func checkYear(year int) error {
	if year < 1 || year > 9999 {
		return fmt.Errorf("year %d is not in 1 to 9999", year)
	}
	return nil
}

// timeLayouts are the forms that the reference reads, once the separators are
// normalized. A fraction after the seconds is accepted by each.
var timeLayouts = [...]string{
	"2006-01-02T15:04:05Z07:00",
	"2006-01-02T15:04:05Z0700",
	"2006-01-02T15:04Z07:00",
	"2006-01-02T15:04Z0700",
}

// parseTime reads a timestamp with an offset. Without one it would have to
// make one up.
func parseTime(s string) (time.Time, error) {
	norm := []byte(s)
	if len(norm) > 10 && (norm[10] == ' ' || norm[10] == 't' || norm[10] == '_') {
		norm[10] = 'T'
	}
	if n := len(norm); n > 0 && norm[n-1] == 'z' {
		norm[n-1] = 'Z'
	}
	for _, layout := range timeLayouts {
		t, err := time.Parse(layout, string(norm))
		if err != nil {
			continue
		}
		t = t.UTC().Truncate(time.Microsecond)
		return t, checkYear(t.Year())
	}
	return time.Time{}, fmt.Errorf("%q is not a timestamp with an offset, like 2025-11-05T12:34:56.123456+00:00", s)
}

// parseUUID reads the forms that the reference reads: hyphenated, 32 digits,
// in braces, or behind urn:uuid:, in any case.
func parseUUID(s string) (uuid.UUID, error) {
	id, err := uuid.Parse(s)
	// uuid.Parse takes any two characters for the braces.
	if braced := len(s) == 38; err != nil || braced && (s[0] != '{' || s[37] != '}') {
		return uuid.Nil, fmt.Errorf("%q is not a UUID", s)
	}
	return id, nil
}
