package envelope

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
)

// The append functions write one JSON value each, in the form in which the
// reference writes it.

func appendString(b []byte, s string) []byte {
	if isPlain(s) {
		b = append(b, '"')
		b = append(b, s...)
		return append(b, '"')
	}
	// The error says that s was not valid UTF-8. Its invalid bytes have been
	// replaced by U+FFFD then, which is what an event is worth: better a
	// replaced character than no event.
	b, _ = jsontext.AppendQuote(b, s)
	return b
}

// isPlain tells whether all of s is ASCII that needs no escape. Most strings are
// short, and for them this is several times as quick as jsontext.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || !stands[c] {
			return false
		}
	}
	return true
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

// AppendID appends an id to b as envelopes have it, without quotes.
func AppendID(b []byte, id uuid.UUID) []byte { return appendHyphenated(b, id) }

func appendHyphenated(b []byte, id uuid.UUID) []byte {
	const form = "00000000-0000-0000-0000-000000000000"
	n := len(b)
	b = append(b, form...)
	text := (*[len(form)]byte)(b[n:])
	binary.BigEndian.PutUint64(text[:8], hexDigits(id[:4]))
	second, third := hexDigits(id[4:8]), hexDigits(id[8:12])
	binary.BigEndian.PutUint32(text[9:13], uint32(second>>32))
	binary.BigEndian.PutUint32(text[14:18], uint32(second))
	binary.BigEndian.PutUint32(text[19:23], uint32(third>>32))
	binary.BigEndian.PutUint32(text[24:28], uint32(third))
	binary.BigEndian.PutUint64(text[28:], hexDigits(id[12:]))
	return b
}

// hexDigits returns the eight digits of four bytes, the first in the highest byte.
// It makes all of them at once, one in each byte of a number.
func hexDigits(b []byte) uint64 {
	const each = 0x0101010101010101
	n := uint64(binary.BigEndian.Uint32(b))
	n = (n | n<<16) & 0x0000ffff0000ffff
	n = (n | n<<8) & 0x00ff00ff00ff00ff
	n = (n | n<<4) & 0x0f0f0f0f0f0f0f0f
	letters := (n + 6*each) >> 4 & each // 1 where the digit is a to f
	return n + '0'*each + letters*('a'-'0'-10)
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
	b, err := appendSecond(b, t)
	if err != nil {
		return b, err
	}
	return appendMicros(b, t), nil
}

// AppendTime appends a time to b as payloads have it, without quotes, or nothing
// if it is outside of the years 1 to 9999.
func AppendTime(b []byte, t time.Time) []byte {
	n := len(b)
	if b, _ = appendTime(b, t); len(b) == n {
		return b
	}
	return append(b[:n], b[n+1:len(b)-1]...)
}

// appendSecond writes what comes before the fraction.
func appendSecond(b []byte, t time.Time) ([]byte, error) {
	const form = `"yyyy-mm-ddThh:mm:ss`
	t = t.UTC()
	year, month, day := t.Date()
	if err := checkYear(year); err != nil {
		return b, err
	}
	hour, minute, second := t.Clock()
	n := len(b)
	b = append(b, form...)
	text := (*[len(form)]byte)(b[n:])
	text[1], text[2] = pair(year / 100)
	text[3], text[4] = pair(year % 100)
	text[6], text[7] = pair(int(month))
	text[9], text[10] = pair(day)
	text[12], text[13] = pair(hour)
	text[15], text[16] = pair(minute)
	text[18], text[19] = pair(second)
	return b, nil
}

// appendMicros writes the fraction and what comes behind it.
func appendMicros(b []byte, t time.Time) []byte {
	const form = `.ffffff+00:00"`
	micros := t.Nanosecond() / 1000
	if micros == 0 {
		return append(b, utcOffset...)
	}
	n := len(b)
	b = append(b, form...)
	text := (*[len(form)]byte)(b[n:])
	text[1], text[2] = pair(micros / 10_000)
	text[3], text[4] = pair(micros / 100 % 100)
	text[5], text[6] = pair(micros % 100)
	return b
}

// utcOffset ends a time and its string.
const utcOffset = `+00:00"`

// pair returns the two digits of n.
func pair(n int) (tens, ones byte) { return byte('0' + n/10), byte('0' + n%10) }

// checkYear refuses the years that Python's datetime does not have.
func checkYear(y int) error {
	if y < 1 || y > 9999 {
		return fmt.Errorf("year %d is not in 1 to 9999", y)
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
	if t, ok := parseWritten(s); ok {
		return t, nil
	}
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

// parseWritten reads a time as appendTime writes it, if it is one: which nearly
// all are.
func parseWritten(s string) (t time.Time, ok bool) {
	rest, ok := strings.CutSuffix(s, "+00:00")
	if !ok {
		return t, false
	}
	return parseUTC(rest)
}

// parseUTC reads such a time without what comes behind the fraction.
func parseUTC(rest string) (t time.Time, ok bool) {
	const whole, micros = "yyyy-mm-ddThh:mm:ss", ".ffffff"
	if len(rest) != len(whole) && len(rest) != len(whole+micros) ||
		rest[4] != '-' || rest[7] != '-' || rest[10] != 'T' || rest[13] != ':' || rest[16] != ':' {
		return t, false
	}
	year, month, day := number(rest[:4]), number(rest[5:7]), number(rest[8:10])
	hour, minute, second := number(rest[11:13]), number(rest[14:16]), number(rest[17:19])
	fraction := 0
	if len(rest) > len(whole) {
		if rest[19] != '.' {
			return t, false
		}
		fraction = number(rest[20:])
	}
	if year < 1 || month < 1 || month > 12 || day < 1 || uint(hour) > 23 || uint(minute) > 59 || uint(second) > 59 || fraction < 0 {
		return t, false
	}
	t = time.Date(year, time.Month(month), day, hour, minute, second, fraction*1000, time.UTC)
	return t, t.Day() == day // there is no 31st of April
}

// number returns what the digits of s say, or a negative number if there are
// other characters.
func number(s string) int {
	n := 0
	for i := range len(s) {
		digit := s[i] - '0'
		if digit > 9 {
			return -1
		}
		n = 10*n + int(digit)
	}
	return n
}

// parseHyphenated reads a UUID as appendHyphenated writes it, in any case.
func parseHyphenated(s string) (id uuid.UUID, ok bool) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return id, false
	}
	digits := byte(0)
	for i, at := range hyphenated {
		high, low := digitOf[s[at]], digitOf[s[at+1]]
		id[i] = high<<4 | low
		digits |= high | low
	}
	return id, digits < 16
}

// hyphenated has the places of a UUID's bytes in its text.
var hyphenated = [16]byte{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34}

// digitOf has what a hexadecimal digit says, and 255 for any other character.
var digitOf = func() (table [256]byte) {
	for c := range table {
		table[c] = 255
	}
	for n := range byte(16) {
		c := "0123456789abcdef"[n]
		table[c] = n
		if n > 9 {
			table[c-'a'+'A'] = n
		}
	}
	return table
}()

// parseUUID reads the forms that the reference reads: hyphenated, 32 digits,
// in braces, or behind urn:uuid:, in any case.
func parseUUID(s string) (uuid.UUID, error) {
	if id, ok := parseHyphenated(s); ok {
		return id, nil
	}
	id, err := uuid.Parse(s)
	// uuid.Parse takes any two characters for the braces.
	if braced := len(s) == 38; err != nil || braced && (s[0] != '{' || s[37] != '}') {
		return uuid.Nil, fmt.Errorf("%q is not a UUID", s)
	}
	return id, nil
}
