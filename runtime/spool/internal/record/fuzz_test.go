package record

import (
	"reflect"
	"testing"
	"time"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// Whatever is read as a record, decoding does not panic, and what decodes
// encodes to something that decodes to the same.
func FuzzDecodeRecord(f *testing.F) {
	f.Add([]byte(Magic))
	f.Add(Record{Event, 1, onex.Spooled{Seq: 1, Topic: "a", Key: []byte("k"), Value: []byte("v"), At: time.Unix(1, 2)}}.Encode())
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
