package store

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool/internal/record"
)

// What encodes decodes to the same, and is found in the middle of anything.
func FuzzRecord(f *testing.F) {
	f.Add(uint64(1), "a", "op", []byte("key"), []byte("value"), int64(0), int64(5), []byte(record.Magic))
	f.Add(uint64(1<<63), "", "", []byte(nil), []byte{}, int64(-62135596800), int64(999999999), []byte(nil))
	f.Fuzz(func(t *testing.T, seq uint64, topic, op string, key, value []byte, sec, nsec int64, around []byte) {
		r := record.Record{Kind: record.Event, Stamp: 7, Spooled: onex.Spooled{Seq: seq, Topic: topic, Operation: op, Key: key, Value: value, At: time.Unix(sec, nsec).UTC()}}
		b := r.Encode()
		if len(b) > r.Size() {
			t.Fatalf("%d bytes, and %d were announced", len(b), r.Size())
		}
		got, err := record.Decode(b)
		if err != nil || !reflect.DeepEqual(got, r) {
			t.Fatalf("encoded\n%+v\ndecoded\n%+v, error %v", r, got, err)
		}
		for i := range b {
			if _, err := record.Decode(b[:i]); err == nil {
				t.Fatalf("the first %d of %d bytes decode", i, len(b))
			}
		}
		file := append(append(bytes.Clone(around), b...), around...)
		sc := newScan(bytes.NewReader(file), int64(len(file)))
		sc.run()
		if got, err := sc.read(place{topic, seq}); err != nil || !reflect.DeepEqual(got, r) {
			t.Fatalf("found\n%+v, want\n%+v, error %v", got, r, err)
		}
	})
}

// Reading the pages of a file does not panic, whatever is in them.
func FuzzReadContents(f *testing.F) {
	small := fileOf(f, func(s *Store) { mustAppend(f, s, "a", 1, 20, 100) })
	f.Add(uint16(12), byte(1), uint16(0), byte(0))
	f.Fuzz(func(t *testing.T, at1 uint16, to1 byte, at2 uint16, to2 byte) {
		file := bytes.Clone(small)
		file[int(at1)%len(file)] = to1
		file[int(at2)%len(file)] = to2
		newContents().read(bytes.NewReader(file), int64(len(file)))
		sc := newScan(bytes.NewReader(file), int64(len(file)))
		sc.run()
		if len(sc.places()) < 18 {
			t.Fatalf("%d of 20 events are left when 2 bytes have changed", len(sc.places()))
		}
	})
}
