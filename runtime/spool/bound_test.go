package spool_test

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool"
)

// A full spool drops the oldest events of all topics, no more than it must, and
// returns them in order.
func TestFull(t *testing.T) {
	dir := t.TempDir()
	probe := open(t, t.TempDir())
	appendAll(t, probe, events("a", 1000)...)
	size := backlog(t, probe).Bytes

	s := open(t, dir, spool.MaxBytes(10*size))
	appendAll(t, s, events("a", 1001, 1003, 1005, 1007, 1009)...)
	appendAll(t, s, events("b", 1002, 1004, 1006, 1008)...)
	for _, step := range []struct{ add, want []onex.Spooled }{
		{events("b", 1010), nil},
		{events("a", 1011, 1012), slices.Concat(events("a", 1001), events("b", 1002))},
		{events("c", 1000), events("c", 1000)}, // it is the oldest itself
		{sequence("b", 1013, 1015), slices.Concat(events("a", 1003), events("b", 1004), events("a", 1005))},
		{sequence("a", 1016, 1030), slices.Concat(
			events("b", 1006), events("a", 1007), events("b", 1008), events("a", 1009), events("b", 1010),
			events("a", 1011, 1012), events("b", 1013, 1014, 1015), sequence("a", 1016, 1020))},
	} {
		got, err := s.Append(step.add)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, step.want) {
			t.Errorf("dropped %d, want %d", seqs(got), seqs(step.want))
		}
	}
	s = reopen(t, s, dir)
	if got, want := read(t, s, "a", 0, 100), sequence("a", 1021, 1030); !slices.Equal(seqs(got), seqs(want)) {
		t.Errorf("left are %d, want %d", seqs(got), seqs(want))
	}
	if b := backlog(t, s); b.Bytes != 10*size || len(b.Topics) != 1 {
		t.Errorf("backlog %+v", b)
	}
}

// Events that are too old are dropped by the next Append, even of none, and
// not before: until then they may still be delivered.
func TestTooOld(t *testing.T) {
	now := start
	clock := spool.Now(func() time.Time { return now })
	s := open(t, t.TempDir(), clock, spool.MaxAge(time.Second))
	appendAll(t, s, events("a", 10, 30)...)
	appendAll(t, s, events("b", 20, 40)...)
	now = start.Add(time.Second + 25*time.Millisecond)
	if got := seqs(read(t, s, "a", 0, 10)); !slices.Equal(got, []uint64{10, 30}) {
		t.Errorf("read %d before the next Append", got)
	}
	for _, want := range [][]uint64{{10, 20}, nil} {
		dropped, err := s.Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(seqs(dropped), want) {
			t.Errorf("dropped %d, want %d", seqs(dropped), want)
		}
	}
	dropped, err := s.Append(events("a", 5))
	if err != nil || !slices.Equal(seqs(dropped), []uint64{5}) {
		t.Errorf("dropped %d of what comes back too late, error %v", seqs(dropped), err)
	}
	forever := open(t, t.TempDir(), clock, spool.MaxAge(0))
	old := events("a", 1)
	old[0].At = time.Time{}
	appendAll(t, forever, old...)
	appendAll(t, forever)
	if got := read(t, forever, "a", 0, 10); len(got) != 1 {
		t.Error("without a bound an event was too old")
	}
}

// Unfinished operations take up room too: it is the events that make way.
func TestOperationsTakeRoom(t *testing.T) {
	s := open(t, t.TempDir(), spool.MaxBytes(4000))
	for seq := uint64(1); seq <= 3; seq++ {
		e := events("a", seq)[0]
		e.Operation, e.Value = "op-"+string(rune('0'+seq)), make([]byte, 1000)
		if _, err := s.Append([]onex.Spooled{e}); err != nil {
			t.Fatal(err)
		}
	}
	if got := seqs(read(t, s, "a", 0, 10)); len(got) != 0 && !slices.Equal(got, []uint64{3}) {
		t.Errorf("read %d", got)
	}
	if got := seqs(unfinished(t, s)); !slices.Equal(got, []uint64{1, 2, 3}) {
		t.Errorf("unfinished %d", got)
	}
	if b := backlog(t, s); b.Bytes > 4000 {
		t.Errorf("backlog %+v", b)
	}
}

// The file is bounded as well, however many events go through a full spool, and
// it shrinks when little is left in it.
func TestFileIsBoundedAndShrinks(t *testing.T) {
	const maxBytes = 8 << 20
	dir := t.TempDir()
	s := open(t, dir, spool.MaxBytes(maxBytes))
	batch := make([]onex.Spooled, 200)
	seq := uint64(0)
	for total := 0; total < 5*maxBytes; {
		for i := range batch {
			seq++
			batch[i] = events("topic-"+string(rune('a'+seq%7)), seq)[0]
			batch[i].Value = make([]byte, 1000)
			total += 1000
		}
		if _, err := s.Append(batch); err != nil {
			t.Fatal(err)
		}
	}
	full := fileSize(t, dir)
	if b := backlog(t, s); b.Bytes > maxBytes || b.Bytes < maxBytes-2000 {
		t.Errorf("%d bytes in the spool, want nearly %d", b.Bytes, maxBytes)
	}
	if full > 2*maxBytes {
		t.Errorf("the file has %d bytes with MaxBytes %d", full, maxBytes)
	}
	started := events("topic-a", seq+1)[0]
	started.Operation = "op"
	if _, err := s.Append([]onex.Spooled{started}); err != nil {
		t.Fatal(err)
	}
	for _, b := range backlog(t, s).Topics {
		through := seq
		if b.Topic == "topic-b" {
			through -= 10 // one is left
		}
		remove(t, s, b.Topic, through)
	}
	s = reopen(t, s, dir)
	if size := fileSize(t, dir); size > 128<<10 {
		t.Errorf("the file has %d bytes when nearly nothing is left of %d", size, full)
	}
	if got := read(t, s, "topic-a", 0, 10); len(got) != 1 || got[0].Seq != seq+1 {
		t.Errorf("left is %d", seqs(got))
	}
	if got := read(t, s, "topic-b", 0, 10); len(got) == 0 || len(got) > 2 {
		t.Errorf("left is %d", seqs(got))
	}
	if b := backlog(t, s); b.LastSeq != seq+1 || len(unfinished(t, s)) != 1 {
		t.Errorf("backlog %+v", b)
	}
}

// A process that died before it could shrink the file leaves that to the next.
func TestShrinksWhenOpened(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if err := os.Mkdir(filepath.Join(dir, "events.db.new"), 0o700); err != nil { // in the way of a new file
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "events.db.new", "x"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	appendAll(t, s, kilobytes(3000)...)
	remove(t, s, "a", 3000)
	if size := fileSize(t, dir); size < 3<<20 {
		t.Fatalf("the file has %d bytes: it has shrunk", size)
	}
	if err := os.RemoveAll(filepath.Join(dir, "events.db.new")); err != nil {
		t.Fatal(err)
	}
	s = reopen(t, s, dir)
	if size := fileSize(t, dir); size > 128<<10 {
		t.Errorf("the file has %d bytes when it is empty", size)
	}
	if b := backlog(t, s); b.LastSeq != 3000 {
		t.Errorf("backlog %+v", b)
	}
}

func fileSize(t testing.TB, dir string) int64 {
	t.Helper()
	info, err := os.Stat(filepath.Join(dir, "events.db"))
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
