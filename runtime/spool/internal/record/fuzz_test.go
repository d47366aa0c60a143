package record

import (
	"reflect"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// Whatever is read as a record, decoding does not panic, and what decodes
// encodes to something that decodes to the same.
func FuzzDecodeRecord(f *testing.F) {
	f.Add([]byte(Magic))
	f.Add(Record{Event, 1, onex.Spooled{Seq: 1, Topic: "a", Key: []byte("k"), Value: []byte("v"), At: time.Unix(1, 2)}}.Encode())
	f.Add(Record{Event, 1, onex.Spooled{Seq: 1, Topic: "a", Value: []byte("v"), Headers: []kgo.RecordHeader{{Key: "k", Value: []byte("v")}, {}}}}.Encode())
	f.Add(Record{Operation, 1 << 63, onex.Spooled{Operation: "op", Value: []byte{}}}.Encode())
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, b := range [][]byte{data, withChecksum(data)} {
			r, err := Decode(b)
			if err != nil {
				continue
			}
			again, err := Decode(r.Encode())
			if err != nil || !reflect.DeepEqual(r, again) {
				t.Fatalf("decoded as\n%+v\nencoded and decoded again as\n%+v, error %v", r, again, err)
			}
		}
	})
}

// withChecksum frames data as a record's content, so that what comes behind the
// checksum is decoded too.
func withChecksum(data []byte) []byte {
	b := append([]byte(Magic+"\x00\x00\x00\x00\x00\x00\x00\x00"), data...)
	seal(b)
	return b
}

// An event without headers is written as it was before there were any, so that
// spools of then are read, and one with headers reads back as it was.
func TestHeaders(t *testing.T) {
	const before = "\xf1ox\x01N\xc8\x18\xe5#\x00\x00\x00e\x02\x00\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01t\x00\x00\x02v"
	r := Record{Event, 2, onex.Spooled{Seq: 3, Topic: "t", Value: []byte("v"), At: time.Unix(1, 0).UTC()}}
	if got := string(r.Encode()); got != before {
		t.Errorf("encoded as %q, want %q", got, before)
	}
	r.Headers = []kgo.RecordHeader{{Key: "a", Value: []byte("1")}, {Key: "b"}, {Value: []byte{}}}
	b := r.Encode()
	if len(b) > r.Size() {
		t.Errorf("%d bytes, and the size was said to be %d", len(b), r.Size())
	}
	if got, err := Decode(b); err != nil || !reflect.DeepEqual(got, r) {
		t.Errorf("%+v, %v; want %+v", got, err, r)
	}
	got := r.Copy()
	clear(got.Headers[0].Value)
	if string(r.Headers[0].Value) != "1" {
		t.Error("a copy shares memory with the record")
	}
}
