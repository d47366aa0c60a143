package spool_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool"
)

// What was appended is there in order, also for the next who opens the spool.
func TestAppendThenRead(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	want := events("a", 1, 2, 3, 4, 5)
	want[0].Key, want[1].Key, want[1].Value = nil, []byte{}, []byte{}
	want[2].Operation = "op-3"
	appendAll(t, s, want[3:]...)
	appendAll(t, s, events("b", 6)...)
	appendAll(t, s, want[:3]...) // they come back from a client
	for range 2 {
		if got := read(t, s, "a", 0, 10); !reflect.DeepEqual(got, want) {
			t.Errorf("read\n%+v, want\n%+v", got, want)
		}
		if got := seqs(read(t, s, "a", 2, 2)); !slices.Equal(got, []uint64{3, 4}) {
			t.Errorf("two after 2: %d", got)
		}
		if got := read(t, s, "c", 0, 10); got != nil {
			t.Errorf("of a topic that is not there: %+v", got)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = open(t, dir)
	}
}

// An event with the Topic and Seq of another takes its place.
func TestAppendReplaces(t *testing.T) {
	s := open(t, t.TempDir())
	appendAll(t, s, events("a", 1, 2)...)
	again := events("a", 2)[0]
	again.Value = []byte("another")
	appendAll(t, s, again)
	if got := read(t, s, "a", 0, 10); len(got) != 2 || string(got[1].Value) != "another" {
		t.Errorf("read %+v", got)
	}
	if b := backlog(t, s); b.Topics[0].Events != 2 || b.Topics[0].Bytes != b.Bytes {
		t.Errorf("backlog %+v", b)
	}
}

// What is removed is gone, in the middle of a segment too, and after reopening.
// What comes in later is not, however low its Seq is.
func TestRemove(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	appendAll(t, s, sequence("a", 1, 3000)...)
	appendAll(t, s, sequence("b", 3001, 3010)...)
	remove(t, s, "a", 1500)
	s = reopen(t, s, dir)
	if got := seqs(read(t, s, "a", 0, 5000)); len(got) != 1500 || got[0] != 1501 {
		t.Errorf("read %d from %d on, want 1500 from 1501", len(got), got[0])
	}
	if b := backlog(t, s); b.Topics[0].Events != 1500 || b.Topics[0].FirstSeq != 1501 || b.LastSeq != 3010 {
		t.Errorf("backlog %+v", b)
	}
	appendAll(t, s, events("a", 1400, 7)...)
	if got := seqs(read(t, s, "a", 0, 3)); !slices.Equal(got, []uint64{7, 1400, 1501}) {
		t.Errorf("read %d after two came back", got)
	}
	remove(t, s, "a", 7)
	s = reopen(t, s, dir)
	if got := seqs(read(t, s, "a", 0, 2)); !slices.Equal(got, []uint64{1400, 1501}) {
		t.Errorf("read %d after one of them was removed", got)
	}
	remove(t, s, "a", 1<<63)
	remove(t, s, "nowhere", 1<<63)
	if got := read(t, s, "a", 0, 10); got != nil {
		t.Errorf("read %d after all were removed", seqs(got))
	}
	if got := read(t, s, "b", 0, 10); len(got) != 10 {
		t.Errorf("%d of another topic, want 10", len(got))
	}
	if b := backlog(t, s); len(b.Topics) != 1 || b.LastSeq != 3010 {
		t.Errorf("backlog %+v", b)
	}
}

// A random history has the same outcome in the spool and in a slice.
func TestLikeASlice(t *testing.T) {
	for seed := range uint64(6) {
		rnd := rand.New(rand.NewPCG(seed, 0))
		dir := t.TempDir()
		s := open(t, dir, spool.MaxBytes(1<<40))
		model := map[string]map[uint64]onex.Spooled{"a": {}, "b": {}, "c": {}}
		topics := []string{"a", "b", "c"}
		for range 40 {
			topic := topics[rnd.IntN(len(topics))]
			switch rnd.IntN(6) {
			case 0, 1, 2:
				from := 1 + rnd.Uint64N(5000)
				batch := sequence(topic, from, from+rnd.Uint64N(1200))
				rnd.Shuffle(len(batch), func(i, j int) { batch[i], batch[j] = batch[j], batch[i] })
				appendAll(t, s, batch...)
				for _, e := range batch {
					model[topic][e.Seq] = e
				}
			case 3, 4:
				through := rnd.Uint64N(6500)
				remove(t, s, topic, through)
				for seq := range model[topic] {
					if seq <= through {
						delete(model[topic], seq)
					}
				}
			case 5:
				s = reopen(t, s, dir)
			}
			for topic, want := range model {
				got := read(t, s, topic, 0, 1e6)
				if len(got) != len(want) || !slices.IsSorted(seqs(got)) {
					t.Fatalf("seed %d: %d events of %s, want %d", seed, len(got), topic, len(want))
				}
				for _, e := range got {
					if !reflect.DeepEqual(e, want[e.Seq]) {
						t.Fatalf("seed %d: read %+v, want %+v", seed, e, want[e.Seq])
					}
				}
			}
			for _, b := range backlog(t, s).Topics {
				first := read(t, s, b.Topic, 0, 1)[0]
				if b.Events != int64(len(model[b.Topic])) || b.FirstSeq != first.Seq || !b.Oldest.Equal(first.At) {
					t.Fatalf("seed %d: backlog %+v of %d events from %d on", seed, b, len(model[b.Topic]), first.Seq)
				}
			}
		}
	}
}

// Operations are unfinished until they are finished, whatever becomes of the
// events that started them.
func TestOperations(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	started := events("a", 1, 2, 3)
	for i := range started {
		started[i].Operation = fmt.Sprint("op-", 9-i)
	}
	appendAll(t, s, started...)
	remove(t, s, "a", 3)
	s = reopen(t, s, dir)
	if got := unfinished(t, s); !reflect.DeepEqual(got, started) {
		t.Errorf("unfinished %+v, want %+v", got, started)
	}
	if err := s.Finish("op-9", "op-7", "unheard of", ""); err != nil {
		t.Error(err)
	}
	s = reopen(t, s, dir)
	if got := unfinished(t, s); !reflect.DeepEqual(got, started[1:2]) {
		t.Errorf("unfinished %+v, want the second alone", got)
	}
	last := events("a", 4)[0]
	last.Finishes = "op-8"
	appendAll(t, s, last)
	remove(t, s, "a", 4)
	s = reopen(t, s, dir)
	if got := unfinished(t, s); len(got) > 0 {
		t.Errorf("unfinished %+v, though an event has ended it", got)
	}
	if b := backlog(t, s); b.Bytes != 0 || b.LastSeq != 4 {
		t.Errorf("backlog %+v", b)
	}
}

// Events that could never be stored are refused, with what to do about it, and
// take their neighbours with them.
func TestRefusedEvents(t *testing.T) {
	s := open(t, t.TempDir())
	for text, e := range map[string]onex.Spooled{
		`spool: append event 0 of topic "a": it has no Seq; the first is 1`:                            {Topic: "a"},
		`spool: append event 7 of topic "": its topic is 0 bytes long; make it 1 to 32768`:             {Seq: 7},
		`spool: append event 7 of topic "a": its operation is 32769 bytes long; make it at most 32768`: {Seq: 7, Topic: "a", Operation: strings.Repeat("o", 32769)},
	} {
		if _, err := s.Append([]onex.Spooled{events("a", 1)[0], e}); err == nil || !strings.HasPrefix(err.Error(), text) {
			t.Errorf("error %v, want %s", err, text)
		}
	}
	if got := read(t, s, "a", 0, 10); got != nil {
		t.Errorf("a neighbour was stored: %+v", got)
	}
}

// Events for which there would be no room in an empty spool are dropped, and
// nothing else for them: neighbours are stored.
func TestTooLarge(t *testing.T) {
	s := open(t, t.TempDir(), spool.MaxBytes(2000))
	all := sequence("a", 1, 5)
	all[1].Value = make([]byte, 2000)
	all[2].Operation = strings.Repeat("x", 500)
	all[3].Operation, all[3].Value = "op", make([]byte, 1400) // beside the one before
	dropped, err := s.Append(all)
	if err != nil || !slices.Equal(seqs(dropped), []uint64{2, 4}) {
		t.Errorf("dropped %d, error %v", seqs(dropped), err)
	}
	if got := seqs(read(t, s, "a", 0, 10)); !slices.Equal(got, []uint64{1, 3, 5}) {
		t.Errorf("%d are stored", got)
	}
	if got := unfinished(t, s); !slices.Equal(seqs(got), []uint64{3}) {
		t.Errorf("unfinished %d", seqs(got))
	}
}

// One at a time has a spool; the next is told who that is.
func TestInUse(t *testing.T) {
	dir := t.TempDir()
	since := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	s := open(t, dir, spool.Now(func() time.Time { return since }))
	host, _ := os.Hostname()
	want := fmt.Sprintf("the spool is in use: process %d on %s since 2026-03-01T12:00:00Z has it; stop that, or use another folder", os.Getpid(), host)
	_, err := spool.Open(dir)
	if !errors.Is(err, spool.ErrInUse) || err.Error() != "spool: open "+dir+": "+want {
		t.Errorf("Open: %v", err)
	}
	if _, err := spool.Verify(dir); !errors.Is(err, spool.ErrInUse) || err.Error() != "spool: verify "+dir+": "+want {
		t.Errorf("Verify: %v", err)
	}
	reopen(t, s, dir)
}

// Nobody else may read what is in a spool.
func TestModes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "to", "spool")
	open(t, dir)
	for path, want := range map[string]os.FileMode{
		filepath.Dir(dir):               0o700 | os.ModeDir,
		dir:                             0o700 | os.ModeDir,
		filepath.Join(dir, "events.db"): 0o600,
		filepath.Join(dir, "lock"):      0o600,
	} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != want {
			t.Errorf("%s has mode %s, want %s", path, info.Mode(), want)
		}
	}
}

// A closed spool says so.
func TestClosed(t *testing.T) {
	s := open(t, t.TempDir())
	for range 2 {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	_, appendErr := s.Append(events("a", 1))
	_, emptyErr := s.Append(nil)
	_, readErr := s.Read("a", 0, 1)
	_, unfinishedErr := s.Unfinished()
	_, backlogErr := s.Backlog()
	for _, err := range []error{appendErr, emptyErr, readErr, unfinishedErr, backlogErr, s.Remove("a", 1), s.Finish("op")} {
		if !errors.Is(err, spool.ErrClosed) {
			t.Errorf("error %v", err)
		}
	}
}

// Options that make no sense are refused, all of them at once.
func TestOptions(t *testing.T) {
	dir := t.TempDir()
	_, err := spool.Open(dir, spool.MaxBytes(0), spool.MaxAge(-time.Second), spool.Now(nil))
	want := "spool: open " + dir + ": 0 bytes is no room; give MaxBytes a positive number\n" +
		"-1s is no age; give MaxAge a positive duration, or 0 for no bound\n" +
		"a nil function was given; leave the option out for its default"
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

// Many goroutines may use a spool at once.
func TestConcurrentUse(t *testing.T) {
	s := open(t, t.TempDir())
	var wg sync.WaitGroup
	for i := range uint64(8) {
		wg.Go(func() {
			topic := fmt.Sprint("topic-", i%4)
			for n := range uint64(25) {
				seq := 1 + n*8 + i
				e := events(topic, seq)[0]
				e.Operation = fmt.Sprint("op-", seq)
				appendAll(t, s, e)
				if got := read(t, s, topic, seq-1, 1); len(got) != 1 || got[0].Seq != seq {
					t.Errorf("read %d, want %d", seqs(got), seq)
				}
				if b := backlog(t, s); b.LastSeq < seq {
					t.Errorf("the highest Seq is %d, want %d at least", b.LastSeq, seq)
				}
				if err := s.Finish(e.Operation); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	total := int64(0)
	for _, b := range backlog(t, s).Topics {
		total += b.Events
	}
	if total != 200 || len(unfinished(t, s)) != 0 {
		t.Errorf("%d events and %d operations, want 200 and none", total, len(unfinished(t, s)))
	}
}

func readFile(t testing.TB, dir string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "events.db"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func writeFile(t testing.TB, dir string, b []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "events.db"), b, 0o600); err != nil {
		t.Fatal(err)
	}
}
