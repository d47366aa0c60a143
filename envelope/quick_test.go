package envelope

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// The ways that are quick come to the same as the plain ones.

func TestSpecial(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 200_000 {
		eight, want := uint64(0), 8
		for i := 7; i >= 0; i-- {
			c := byte(rnd.Uint32())
			if rnd.IntN(3) > 0 {
				c = "\"\\ !#[]\x00\x1f\x7f\x80\xff\xa2\xdc"[rnd.IntN(14)]
			}
			eight = eight<<8 | uint64(c)
			if !stands[c] {
				want = i
			}
		}
		if got := bits.TrailingZeros64(special(eight)) / 8; got != want {
			t.Fatalf("in %016x: %d, want %d", eight, got, want)
		}
	}
}

// Strings end where they do at any distance from the end of the text.
func TestStringEnds(t *testing.T) {
	for n := range 40 {
		for after := range 12 {
			text := `"` + strings.Repeat("ü", n/2) + strings.Repeat("x", n-n/2) + `"` + strings.Repeat(" ", after)
			s := scanner{text: text}
			if end := s.string(0); end != len(text)-after {
				t.Errorf("%q ends at %d", text, end)
			}
			s = scanner{text: text[:len(text)-after-1]}
			if end := s.string(0); end != invalid {
				t.Errorf("%q ends at %d", s.text, end)
			}
		}
	}
}

func TestHyphenated(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 10_000 {
		var id uuid.UUID
		for i := range id {
			id[i] = byte(rnd.Uint32())
		}
		if got := string(appendHyphenated([]byte("x"), id)); got != "x"+id.String() {
			t.Fatalf("%s, want %s", got, id)
		}
		text := []byte(id.String())
		if i := rnd.IntN(len(text)); rnd.IntN(3) > 0 {
			text[i] = byte(rnd.Uint32())
		}
		got, ok := parseHyphenated(string(text))
		if want, err := uuid.Parse(string(text)); ok != (err == nil) || ok && got != want {
			t.Fatalf("%s is %s, %t, want %s, %v", text, got, ok, want, err)
		}
	}
}

// Whatever is wrong with a time that is written nearly as we do, time.Parse says.
func TestParseWritten(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	quick := 0
	for range 200_000 {
		text := []byte(fmt.Sprintf("%04d-%02d-%02dT%02d:%02d:%02d.%06d+00:00",
			rnd.IntN(10_000), rnd.IntN(14), rnd.IntN(33), rnd.IntN(25), rnd.IntN(61), rnd.IntN(61), rnd.IntN(1_000_000)))
		switch rnd.IntN(6) {
		case 0:
			text = append(text[:19], "+00:00"...)
		case 1:
			text[rnd.IntN(len(text))] = "0-:.+T9 /;"[rnd.IntN(10)]
		}
		got, ok := parseWritten(string(text))
		want, err := time.Parse(time.RFC3339, string(text))
		if ok && (err != nil || got != want.UTC()) {
			t.Fatalf("%s is %s, want %s, %v", text, got, want, err)
		}
		if ok {
			quick++
		}
	}
	if quick < 50_000 {
		t.Errorf("%d were read", quick)
	}
	for _, text := range []string{"2025-11-05T12:34:56.123456+00:00", "2024-02-29T23:59:59+00:00", "0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59.999999+00:00"} {
		if _, ok := parseWritten(text); !ok {
			t.Errorf("%s was not read", text)
		}
	}
}

// What a writer keeps of a second is right for the next time.
func TestSeconds(t *testing.T) {
	w := begin([]byte("x"))
	for _, at := range []time.Time{
		{},
		time.Unix(0, 0), time.Unix(0, 999_999), time.Unix(-1, 5000), time.Unix(1<<40, 0), time.Unix(1<<40, 5000), time.Unix(0, 0),
		time.Unix(0, 1000).In(time.FixedZone("east", 3600)), time.Unix(0, 1000),
	} {
		from := len(w.b)
		w.rawTime("at", at)
		want, err := appendTime(nil, at)
		if err == nil && string(w.b[from:]) != string(want) {
			t.Errorf("%s is written %s, want %s", at, w.b[from:], want)
		}
		if err != nil && w.err == nil {
			t.Errorf("%s is written %s, want %v", at, w.b[from:], err)
		}
	}
	if b, err := w.end(); err == nil || string(b) != "x" {
		t.Errorf("%s, %v", b, err)
	}
}

// The keys of the contract have different marks, so that members are found
// without a search.
func TestMarks(t *testing.T) {
	e, _ := benchEvent()
	texts := [][]byte{encodeOrFail(t, e)}
	for _, p := range []Payload{OperationStarted{}, OperationCompleted{}, OperationFailed{}, StateChanged{}, MetricRecorded{CorrelationID: &testID}} {
		setMetadata := strings.TrimSuffix(string(encodePayload(t, p)), "}") + `,"metadata":{}}`
		texts = append(texts, []byte(setMetadata))
	}
	for _, text := range texts {
		r, err := readObject(text, false)
		if err != nil {
			t.Fatal(err)
		}
		if r.alike {
			t.Errorf("keys of %s have one mark", text)
		}
		r.free()
	}
}

// The last of several members counts wherever it stands, and members of an object
// inside do not.
func TestFind(t *testing.T) {
	const text = `{"a":{"b":1,"c":2},"b":3,"c":4,"d":{"e":5},"a":6,"f":7}`
	r, err := readObject([]byte(text), true)
	if err != nil {
		t.Fatal(err)
	}
	defer r.free()
	for _, tt := range []struct{ key, want string }{
		{"a", "6"}, {"b", "3"}, {"c", "4"}, {"d", `{"e":5}`}, {"a", "6"}, {"e", ""}, {"f", "7"}, {"f", "7"}, {"b", "3"}, {"", ""},
	} {
		got := ""
		if m := r.find(tt.key); m != nil {
			got = r.spelt(m)
		}
		if got != tt.want {
			t.Errorf("%q is %s, want %s", tt.key, got, tt.want)
		}
	}
}

// In a summary too the last value of a key counts, at the place of the first,
// whether there are few keys or many.
func TestSummaryKeys(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for n := range 60 {
		var text []string
		want := Summary{}
		for i := range n {
			f := SummaryField{fmt.Sprint("key ", rnd.IntN(n)), fmt.Sprint("type ", i)}
			text = append(text, fmt.Sprintf("%q:%q", f.Key, f.Type))
			if at := slices.IndexFunc(want, func(g SummaryField) bool { return g.Key == f.Key }); at >= 0 {
				want[at].Type = f.Type
			} else {
				want = append(want, f)
			}
		}
		r, err := readObject([]byte(`{"before":{"key 0":"another"},"s":{`+strings.Join(text, ",")+`},"after":{"key 0":"another"}}`), true)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.summary("s"); r.err != nil || !slices.Equal(got, want) {
			t.Errorf("%v: %s is %s, want %s", r.err, text, got, want)
		}
		r.free()
	}
}

// What Decode returns in one piece of memory does not overlap.
func TestDecodedApart(t *testing.T) {
	e, _ := benchEvent()
	text := "x"
	e.SourceInstance, e.CausationID, e.Region = &text, &text, &text
	e, err := Decode(encodeOrFail(t, e))
	if err != nil {
		t.Fatal(err)
	}
	before := string(encodeOrFail(t, e))
	_ = append(e.Payload, "overwritten"...)
	_ = append(e.Metadata, "overwritten"...)
	if after := string(encodeOrFail(t, e)); after != before {
		t.Errorf("%s, and then %s", before, after)
	}
	*e.SourceService = "one"
	if *e.SourceVersion != "1.0.0" || *e.SourceInstance != "x" {
		t.Errorf("%q and %q have changed with another", *e.SourceVersion, *e.SourceInstance)
	}
}

func encodeOrFail(t *testing.T, e *V1) []byte {
	t.Helper()
	b, err := e.AppendJSON(nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
