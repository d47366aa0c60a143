package store

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// A flipped bit is either where nothing is, or it is found; and then the scan
// still finds every event but the one that it is in.
func TestFlippedBits(t *testing.T) {
	for _, tt := range []struct {
		name  string
		file  []byte
		every int // a bit of so many bytes is flipped
	}{
		{"small", smallFile(t), 3},
		{"large", largeFile(t), 9001},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(1, uint64(len(tt.file))))
			want := newContents().read(bytes.NewReader(tt.file), int64(len(tt.file)))
			if err := want.Err(); err != nil {
				t.Fatal(err)
			}
			inTree := 0
			for _, topic := range want.Index.topics {
				inTree += int(topic.events)
			}
			all := liveEvents(t, tt.file)
			if len(all) != inTree {
				t.Fatalf("the scan finds %d events, and the tree has %d", len(all), inTree)
			}
			found := 0
			for at := rnd.IntN(tt.every); at < len(tt.file); at += tt.every {
				file := bytes.Clone(tt.file)
				file[at] ^= 1 << rnd.IntN(8)
				c := newContents().read(bytes.NewReader(file), int64(len(file)))
				if c.Err() == nil {
					if !reflect.DeepEqual(matter(c), matter(want)) {
						t.Fatalf("byte %d: other contents, and no fault", at)
					}
					continue
				}
				found++
				missing := 0
				left := liveEvents(t, file)
				for p, e := range all {
					switch got, ok := left[p]; {
					case !ok:
						missing++
					case !reflect.DeepEqual(got, e):
						t.Fatalf("byte %d: read %+v, want %+v", at, got, e)
					}
				}
				if missing > 1 {
					t.Fatalf("byte %d: %d events are missing", at, missing)
				}
			}
			if found < 50 {
				t.Errorf("only %d of %d bytes mattered", found, len(tt.file)/tt.every)
			}
		})
	}
}

// matter returns what of contents matters: a segment may have another name, if
// that is still between those of its neighbours' events.
func matter(c *Contents) []any {
	topics := map[string]topic{}
	for name, t := range c.Index.topics {
		t = t.clone()
		for i := range t.segments {
			t.segments[i].name = 0
		}
		topics[name] = *t
	}
	return []any{topics, c.Operations, c.Index.last, c.Index.operations}
}

// liveEvents returns what a scan finds of a file.
func liveEvents(t *testing.T, file []byte) map[place]onex.Spooled {
	t.Helper()
	sc := newScan(bytes.NewReader(file), int64(len(file)))
	sc.run()
	all := map[place]onex.Spooled{}
	for _, p := range sc.places() {
		rec, err := sc.read(p)
		if err != nil {
			t.Fatal(err)
		}
		all[p] = rec.Copy()
	}
	return all
}

// smallFile is a file in which everything is on pages of its own bucket's
// parents.
func smallFile(t *testing.T) []byte {
	return fileOf(t, func(s *Store) {
		mustAppend(t, s, "a", 1, 5, 100)
		mustAppend(t, s, "b", 6, 9, 100)
		mustRemove(t, s, "a", 2)
		must(t, s.Finish([]string{"op-a-1"}))
	})
}

// largeFile has branch pages, several segments, events of several pages, and
// free pages with what was removed.
func largeFile(t *testing.T) []byte {
	return fileOf(t, func(s *Store) {
		mustAppend(t, s, "a", 1, 1500, 100)
		mustAppend(t, s, "b", 1501, 1600, 6000)
		mustAppend(t, s, "c", 1601, 2000, 700)
		mustRemove(t, s, "a", 1200)
		mustRemove(t, s, "c", 1800)
		mustAppend(t, s, "a", 2001, 2100, 100)
		mustRemove(t, s, "b", 1510)
	})
}

func fileOf(t testing.TB, fill func(*Store)) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "events.db")
	must(t, Create(path))
	s, err := Open(path, newIndex())
	must(t, err)
	fill(s)
	must(t, s.Close())
	file, err := os.ReadFile(path)
	must(t, err)
	return file
}

func mustAppend(t testing.TB, s *Store, topic string, from, to uint64, size int) {
	t.Helper()
	var events []onex.Spooled
	for seq := from; seq <= to; seq++ {
		e := onex.Spooled{Seq: seq, Topic: topic, Key: fmt.Append(nil, seq), Value: bytes.Repeat([]byte{byte(seq)}, size), At: time.Unix(int64(seq), 0).UTC()}
		e.At = e.At.AddDate(1000, 0, 0) // never too old
		if seq%5 == 1 {
			e.Operation = fmt.Sprintf("op-%s-%d", topic, seq)
		}
		events = append(events, e)
	}
	dropped, bad, err := s.Append(events, Bound{Bytes: 1 << 30})
	must(t, err)
	if dropped != nil || bad != nil {
		t.Fatalf("%d were dropped, %v", len(dropped), bad)
	}
}

func mustRemove(t testing.TB, s *Store, topic string, through uint64) {
	t.Helper()
	_, err := s.Remove(topic, through)
	must(t, err)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
