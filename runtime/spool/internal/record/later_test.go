package record

import (
	"encoding/binary"
	"reflect"
	"testing"
	"time"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// A record of a later version may have more fields, each behind its length; this version
// reads the others. One that is cut off is none.
func TestFieldsOfALaterVersion(t *testing.T) {
	r := Record{Event, 7, onex.Spooled{Seq: 1, Topic: "a", Key: []byte("k"), Value: []byte("v"), At: time.Unix(1, 2).UTC()}}
	more := append(r.Encode(), 0) // no headers
	more = append(binary.AppendUvarint(more, 300), make([]byte, 300)...)
	more = append(binary.AppendUvarint(more, 1), 'x')
	seal(more)
	if got, err := Decode(more); err != nil || !reflect.DeepEqual(got, r) {
		t.Errorf("%+v, %v", got, err)
	}
	cut := more[:len(more)-1]
	seal(cut)
	if _, err := Decode(cut); err != ErrContent {
		t.Errorf("cut off: %v", err)
	}
}
