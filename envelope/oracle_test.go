package envelope

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/testdata/vectors"
)

var randomEvents = flag.Int("events", 5_000, "random events that the encoders are compared on")

// hostile are the strings that an encoder gets wrong first.
var hostile = []string{
	"", "\x00\x01\x1f\x7f", `"`, `\`, `"},"event_id":"`, "\u2028\u2029", "\xff\xfe", "a\xc3", "\xed\xa0\x80\xed\xb0\x80", "\ufffd", "😀", "<a&b>", "\b\f\n\r\t",
}

// The fast encoder writes what the plain one writes: on every vector, for
// hostile strings wherever there can be one, and for random events:
//
//	go test ./envelope -run Plain -events 1000000
func TestFastIsPlain(t *testing.T) {
	var events []eventVector
	vectors.Read(t, "events.json", &events)
	for _, v := range events {
		checkPlain(t, event{v.payload(t), v.Node.Type, v.Node.Service, "development", "", ""})
	}
	for _, s := range hostile {
		for kind := range kinds {
			checkPlain(t, eventOf(kind, func() string { return s }, testID, testTime, 1.5, json.RawMessage("{}")))
		}
	}
	long := strings.Repeat(`"`, 1<<20)
	for kind := range kinds {
		texts := 0
		checkPlain(t, eventOf(kind, func() string {
			if texts++; texts%5 == 1 { // some of them
				return long
			}
			return "short"
		}, testID, testTime, 1.5, nil))
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range *randomEvents {
		checkPlain(t, randomEvent(r))
	}
}

// So it does for whatever a fuzzer comes up with.
func FuzzPlain(f *testing.F) {
	for kind := range kinds {
		f.Add(uint8(kind), "text", "é\x00", []byte("0123456789abcdef"), int64(1762346096), int64(123456), 12.5)
		f.Add(uint8(kind), "\xff\xed\xa0\x80", "\u2028", []byte{}, int64(-62135596800), int64(0), -1e300)
	}
	f.Fuzz(func(t *testing.T, kind uint8, a, b string, id []byte, seconds, nanos int64, number float64) {
		if ev, ok := fuzzedEvent(t, kind, a, b, id, seconds, nanos, number); ok {
			checkPlain(t, ev)
		}
	})
}

// fuzzedEvent returns an event of what a fuzzer came up with, unless it is one that
// all encoders refuse; see TestEncodeRefuses.
func fuzzedEvent(t *testing.T, kind uint8, a, b string, id []byte, seconds, nanos int64, number float64) (ev event, ok bool) {
	n := 0
	text := func() string {
		n++
		return []string{a, b, a + b, b + a}[n%4]
	}
	var correlationID uuid.UUID
	copy(correlationID[:], id)
	at := time.Unix(seconds, nanos)
	if math.IsNaN(number) || math.IsInf(number, 0) || checkYear(at.UTC().Year()) != nil {
		return ev, false
	}
	metadata, err := plainJSON(map[string]string{a: b})
	if err != nil {
		t.Fatal(err)
	}
	return eventOf(int(kind)%kinds, text, correlationID, at, number, metadata), true
}

// event is all that an envelope is made of, but for its id.
type event struct {
	payload                                            Payload
	nodeType, service, environment, causation, partKey string
}

func checkPlain(t *testing.T, ev event) {
	t.Helper()
	id := uuid.Max
	e, err := Wrap(id, ev.payload, ev.nodeType, ev.service)
	if err != nil {
		t.Fatal(err)
	}
	e.SourceService, e.Environment = &ev.service, ev.environment
	if ev.causation != "" {
		e.CausationID = &ev.causation
	}
	if ev.partKey != "" {
		e.PartitionKey = &ev.partKey
	}
	checkTemplate(t, e, ev.payload, ev.nodeType, ev.service)
	fast, err := NewTemplate(*e, ev.payload, ev.nodeType, ev.service).AppendJSON(nil, id, ev.causation, ev.partKey, ev.payload)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := plainJSON(plainOf(e, ev.payload, ev.nodeType, ev.service))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := canonical(t, fast), canonical(t, plain); got != want {
		t.Fatalf("%T:\n fast %.2000s\nplain %.2000s", ev.payload, got, want)
	}
}

// kinds is how many kinds of payload there are.
const kinds = 5

// eventOf returns an event of a kind with text wherever there is a text of its
// own.
func eventOf(kind int, text func() string, id uuid.UUID, at time.Time, number float64, metadata json.RawMessage) event {
	summary := Summary{}
	for i := range 3 {
		summary = append(summary, SummaryField{fmt.Sprint(text(), i), text()})
	}
	ev := event{nodeType: "effect", service: text(), environment: text(), causation: text(), partKey: text()}
	switch kind {
	case 0:
		ev.payload = OperationStarted{text(), id, text(), at, summary, nil, metadata}
	case 1:
		ev.payload = OperationCompleted{text(), id, text(), at, number, summary, nil, metadata}
	case 2:
		ev.payload = OperationFailed{text(), id, text(), at, number, text(), text(), metadata}
	case 3:
		ev.payload = StateChanged{text(), text(), id, at, text(), text(), text(), metadata}
	case 4:
		ev.payload = MetricRecorded{text(), text(), at, text(), number, text(), &id, metadata}
		if id[0]&1 == 0 {
			ev.payload = MetricRecorded{text(), text(), at, text(), number, text(), nil, metadata}
		}
	}
	return ev
}

func randomEvent(r *rand.Rand) event {
	var id uuid.UUID
	for i := range id {
		id[i] = byte(r.Uint32())
	}
	// A microsecond in the years 1 to 9999, or a whole second.
	at := time.Unix(r.Int64N(315_537_897_600)-62_135_596_800, 0).In(time.FixedZone("", r.IntN(7200)-3600))
	if r.IntN(4) > 0 {
		at = at.Add(time.Duration(r.IntN(1e9)))
	}
	metadata := []json.RawMessage{nil, json.RawMessage("{}"), json.RawMessage(` { "k" : [ 1 , "\u00e9" ] } `), json.RawMessage(`{"a":{"b":null}}`)}
	return eventOf(r.IntN(kinds), func() string { return randomText(r) }, id, at, randomFloat(r), metadata[r.IntN(len(metadata))])
}

// randomText returns a few bytes or characters, or something hostile.
func randomText(r *rand.Rand) string {
	switch r.IntN(4) {
	case 0:
		return hostile[r.IntN(len(hostile))]
	case 1:
		b := make([]byte, r.IntN(20))
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return string(b)
	case 2:
		b := make([]rune, r.IntN(10))
		for i := range b {
			b[i] = rune(r.IntN(0x11000))
		}
		return string(b)
	default:
		return fmt.Sprintf("node-%d", r.IntN(1000))
	}
}

func randomFloat(r *rand.Rand) float64 {
	for {
		f := math.Float64frombits(r.Uint64())
		switch r.IntN(3) {
		case 0:
			f = float64(r.IntN(1e9)) / 1e6
		case 1:
			f = float64(r.IntN(1e6))
		}
		if !math.IsNaN(f) && !math.IsInf(f, 0) {
			return f
		}
	}
}

// Every number reads back as it was, and as a float.
func TestNumbersReadBack(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 100_000 {
		f := randomFloat(r)
		b, err := appendFloat(nil, f)
		if err != nil {
			t.Fatal(err)
		}
		back, err := strconv.ParseFloat(string(b), 64)
		if err != nil || math.Float64bits(back) != math.Float64bits(f) {
			t.Fatalf("%v is written %s", f, b)
		}
		if !strings.ContainsAny(string(b), ".e") {
			t.Fatalf("%v is written %s, which is an int to Python", f, b)
		}
	}
}
