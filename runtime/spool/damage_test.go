package spool_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"go.etcd.io/bbolt"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool"
)

// A damaged file is moved aside as it is, reported once, and what is readable in
// it is kept; the spool works on.
func TestDamagedFile(t *testing.T) {
	const all = 2000
	rnd := rand.New(rand.NewPCG(7, 7))
	random := func(b []byte) []byte {
		for i := range b {
			b[i] = byte(rnd.Uint32())
		}
		return b
	}
	for _, tt := range []struct {
		name   string
		damage func(file []byte) []byte
		kept   int // at least
	}{
		{"empty", func([]byte) []byte { return nil }, 0},
		{"one byte", func([]byte) []byte { return []byte("x") }, 0},
		{"text", func([]byte) []byte { return bytes.Repeat([]byte("all things flow\n"), 10_000) }, 0},
		{"random", func(file []byte) []byte { return random(file) }, 0},
		{"zeros", func(file []byte) []byte { return make([]byte, len(file)) }, 0},
		{"another database", anotherDatabase(t), 0},
		{"both meta pages", func(file []byte) []byte { random(file[:8192]); return file }, all},
		{"one meta page", func(file []byte) []byte { file[20] ^= 1; return file }, all},
		{"the other meta page", func(file []byte) []byte { file[4096+20] ^= 1; return file }, all},
		{"bbolt's version", func(file []byte) []byte { file[20], file[4096+20] = 3, 3; return file }, all},
		{"the records' version", func(file []byte) []byte { return bytes.ReplaceAll(file, []byte("\xf1ox\x01"), []byte("\xf1ox\x02")) }, 0},
		{"one record", func(file []byte) []byte { file[bytes.LastIndex(file, []byte("0123456789"))]++; return file }, all - 1},
		{"first half", func(file []byte) []byte { return file[:len(file)/2] }, all / 4},
		{"torn in a page", func(file []byte) []byte { return file[:len(file)/2+1000] }, all / 4},
		{"second half", func(file []byte) []byte { random(file[:len(file)/2]); return file }, all / 10},
		{"holes", func(file []byte) []byte {
			for at := 20_000; at+100 < len(file); at += 50_000 {
				random(file[at : at+100])
			}
			return file
		}, all * 9 / 10},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir)
			want := map[uint64]onex.Spooled{}
			for from := uint64(1); from < all; from += 100 {
				batch := sequence(fmt.Sprint("topic-", from/1000), from, from+99)
				appendAll(t, s, batch...)
				for _, e := range batch {
					want[e.Seq] = e
				}
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			damaged := tt.damage(readFile(t, dir))
			writeFile(t, dir, damaged)

			var reports []spool.Damage
			s = open(t, dir, spool.OnDamage(func(d spool.Damage) { reports = append(reports, d) }))
			got := append(read(t, s, "topic-0", 0, all), read(t, s, "topic-1", 0, all)...)
			for _, e := range got {
				if !reflect.DeepEqual(e, want[e.Seq]) {
					t.Errorf("read %+v, want %+v", e, want[e.Seq])
				}
			}
			if len(reports) != 1 {
				t.Fatalf("%d reports, want one: %+v", len(reports), reports)
			}
			r := reports[0]
			if len(got) < tt.kept || r.Kept != len(got) || r.Err == nil || r.Lost > all-len(got) || r.MovedTo != filepath.Join(dir, "events.db.damaged-1") {
				t.Errorf("%d events were kept, want %d at least; report %+v", len(got), tt.kept, r)
			}
			if aside, err := os.ReadFile(r.MovedTo); err != nil || !bytes.Equal(aside, damaged) {
				t.Errorf("what was moved aside is not what was there: %v", err)
			}
			appendAll(t, s, events("topic-0", all+1)...)
			s = reopen(t, s, dir) // and must not be damaged any more
			if got := read(t, s, "topic-0", all, 10); len(got) != 1 {
				t.Errorf("after that, %d events were appended, want 1", len(got))
			}
		})
	}
}

// anotherDatabase makes files that are bbolt's, but not a spool's.
func anotherDatabase(t *testing.T) func([]byte) []byte {
	return func([]byte) []byte {
		dir := t.TempDir()
		db, err := bbolt.Open(filepath.Join(dir, "events.db"), 0o600, nil)
		if err != nil {
			t.Fatal(err)
		}
		err = db.Update(func(tx *bbolt.Tx) error {
			b, err := tx.CreateBucket([]byte("topic"))
			return errors.Join(err, b.Put([]byte("k"), []byte("v")))
		})
		if err := errors.Join(err, db.Close()); err != nil {
			t.Fatal(err)
		}
		return readFile(t, dir)
	}
}

// A file that gets shorter, or is overwritten, under an open spool faults or
// makes bbolt panic. The caller notices nothing but the report.
func TestDamageWhileOpen(t *testing.T) {
	for name, damage := range map[string]func(*os.File) error{
		"shorter": func(f *os.File) error { return f.Truncate(100_000) },
		"empty":   func(f *os.File) error { return f.Truncate(0) },
		"overwritten": func(f *os.File) error {
			_, err := f.WriteAt(bytes.Repeat([]byte("x"), 200_000), 8192)
			return err
		},
		"zeros": func(f *os.File) error {
			_, err := f.WriteAt(make([]byte, 200_000), 0)
			return err
		},
	} {
		for use, method := range map[string]func(*spool.Spool) error{
			"append":     func(s *spool.Spool) error { _, err := s.Append(events("a", 2001)); return err },
			"read":       func(s *spool.Spool) error { _, err := s.Read("a", 0, 1e6); return err },
			"remove":     func(s *spool.Spool) error { return s.Remove("a", 1000) },
			"finish":     func(s *spool.Spool) error { return s.Finish("op-1") },
			"unfinished": func(s *spool.Spool) error { _, err := s.Unfinished(); return err },
		} {
			t.Run(name+" "+use, func(t *testing.T) {
				dir := t.TempDir()
				var reports []spool.Damage
				report := spool.OnDamage(func(d spool.Damage) { reports = append(reports, d) })
				s := open(t, dir, report)
				for from := uint64(1); from < 2000; from += 100 {
					batch := sequence("a", from, from+99)
					batch[0].Operation = fmt.Sprint("op-", from)
					appendAll(t, s, batch...)
				}
				f, err := os.OpenFile(filepath.Join(dir, "events.db"), os.O_RDWR, 0)
				if err != nil {
					t.Fatal(err)
				}
				defer f.Close()
				if err := damage(f); err != nil {
					t.Fatal(err)
				}
				for range 2 {
					if err := method(s); err != nil {
						t.Fatal(err)
					}
				}
				appendAll(t, s, events("a", 3000)...)
				if got := seqs(read(t, s, "a", 2999, 10)); !slices.Equal(got, []uint64{3000}) {
					t.Errorf("after that, %d was appended, want 3000", got)
				}
				s = reopen(t, s, dir, report) // finds what no method has come across
				if len(reports) == 0 || reports[0].MovedTo == "" {
					t.Errorf("reports %+v", reports)
				}
				s = reopen(t, s, dir)
				if got := read(t, s, "a", 2999, 10); len(got) != 1 {
					t.Errorf("after reopening, %d were appended, want 1", len(got))
				}
			})
		}
	}
}

// A record that is damaged while the spool is open is reported, left out and
// forgotten, whoever comes across it.
func TestDamagedRecordWhileOpen(t *testing.T) {
	for name, use := range map[string]func(*spool.Spool) ([]onex.Spooled, error){
		"read": func(s *spool.Spool) ([]onex.Spooled, error) { return s.Read("a", 0, 100) },
		"append": func(s *spool.Spool) ([]onex.Spooled, error) {
			late := events("b", 1000)[0]
			late.Value = make([]byte, 9_500)
			return s.Append([]onex.Spooled{late})
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			var reports []spool.Damage
			s := open(t, dir, spool.MaxBytes(10_000), spool.OnDamage(func(d spool.Damage) { reports = append(reports, d) }))
			appendAll(t, s, sequence("a", 1, 10)...)
			f, err := os.OpenFile(filepath.Join(dir, "events.db"), os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			file := readFile(t, dir)
			if _, err := f.WriteAt([]byte("X"), int64(bytes.LastIndex(file, []byte(`"seq":3,`)))); err != nil {
				t.Fatal(err)
			}
			got, err := use(s)
			if err != nil {
				t.Fatal(err)
			}
			if slices.Contains(seqs(got), 3) || !slices.Contains(seqs(got), 2) {
				t.Errorf("returned %d", seqs(got))
			}
			if len(reports) != 1 || reports[0].Lost != 1 || reports[0].MovedTo != "" || reports[0].Err.Error() != "topic a, event 3: the checksum is wrong" {
				t.Errorf("reports %+v", reports)
			}
			s = reopen(t, s, dir) // and must not be damaged any more
			if got := read(t, s, "a", 0, 100); slices.Contains(seqs(got), 3) {
				t.Errorf("read %d", seqs(got))
			}
		})
	}
}

// The same if it was the last of its segment, or the only one, and for what has
// started an operation.
func TestForgotten(t *testing.T) {
	dir := t.TempDir()
	var reports []spool.Damage
	s := open(t, dir, spool.OnDamage(func(d spool.Damage) { reports = append(reports, d) }))
	appendAll(t, s, events("a", 1, 2, 3)...)
	appendAll(t, s, events("b", 4)...)
	started := events("c", 5, 6)
	started[0].Operation, started[1].Operation = "op-5", "op-6"
	appendAll(t, s, started...)
	remove(t, s, "c", 6)
	f, err := os.OpenFile(filepath.Join(dir, "events.db"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	file := readFile(t, dir)
	for _, seq := range []int{3, 4, 5} {
		if _, err := f.WriteAt(bytes.ReplaceAll(file, fmt.Appendf(nil, `"seq":%d,`, seq), []byte(`"seq":0,`)), 0); err != nil {
			t.Fatal(err)
		}
		file = readFile(t, dir)
	}
	for range 2 {
		if got := seqs(append(read(t, s, "a", 0, 10), read(t, s, "b", 0, 10)...)); !slices.Equal(got, []uint64{1, 2}) {
			t.Errorf("read %d, want 1 and 2", got)
		}
		if got := seqs(unfinished(t, s)); !slices.Equal(got, []uint64{6}) {
			t.Errorf("unfinished %d, want 6", got)
		}
	}
	if len(reports) != 3 {
		t.Errorf("reports %+v, want three", reports)
	}
	if b := backlog(t, s); len(b.Topics) != 1 || b.Topics[0].Events != 2 {
		t.Errorf("backlog %+v", b)
	}
	s = reopen(t, s, dir) // and must not be damaged any more
	appendAll(t, s, events("a", 3)...)
	if got := seqs(read(t, s, "a", 0, 10)); !slices.Equal(got, []uint64{1, 2, 3}) {
		t.Errorf("read %d", got)
	}
}

// Every damaged file is kept, and a large one is read in parts.
func TestDamagedTwice(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	appendAll(t, s, kilobytes(10_000)...)
	for n := 1; n <= 2; n++ {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		file := readFile(t, dir)
		clear(file[:8192])
		writeFile(t, dir, file)
		var report spool.Damage
		s = open(t, dir, spool.OnDamage(func(d spool.Damage) { report = d }))
		if want := filepath.Join(dir, fmt.Sprint("events.db.damaged-", n)); report.MovedTo != want || report.Kept != 10_000 || report.Lost != 0 {
			t.Errorf("report %+v, want all events, and the file moved to %s", report, want)
		}
	}
	if got := read(t, s, "a", 0, 1e6); len(got) != 10_000 || !slices.IsSorted(seqs(got)) {
		t.Errorf("read %d events, want 10000", len(got))
	}
}

// A process that died while it made a new file leaves the spool as it was, or
// as it was to be.
func TestInterruptedReplacement(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	appendAll(t, s, events("a", 1)...)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path, next := filepath.Join(dir, "events.db"), filepath.Join(dir, "events.db.new")
	complete := readFile(t, dir)
	for _, tt := range []struct {
		name      string
		file, new []byte
		events    int
	}{
		{"half a new file beside the old one", complete, complete[:5000], 1},
		{"a new file, and the old one aside", nil, complete, 1},
		{"half a new file, and none before", nil, complete[:5000], 0},
		{"none at all", nil, nil, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for path, b := range map[string][]byte{path: tt.file, next: tt.new} {
				if err := os.RemoveAll(path); err != nil {
					t.Fatal(err)
				}
				if b != nil {
					if err := os.WriteFile(path, b, 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
			s := open(t, dir)
			if got := read(t, s, "a", 0, 10); len(got) != tt.events {
				t.Errorf("%d events, want %d", len(got), tt.events)
			}
			if _, err := os.Stat(next); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the new file is still there: %v", err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// Verify says what is in a spool and what is wrong with it, and changes
// nothing.
func TestVerify(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	appendAll(t, s, sequence("a", 1, 10)...)
	want := backlog(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := spool.Verify(dir); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("backlog %+v, want %+v, error %v", got, want, err)
	}
	file := readFile(t, dir)
	file[bytes.LastIndex(file, []byte(`"seq":3,`))]++
	writeFile(t, dir, file)
	got, err := spool.Verify(dir)
	if !errors.Is(err, spool.ErrDamaged) || len(got.Topics) != 1 || got.Topics[0].Events != 9 {
		t.Errorf("backlog %+v, error %v", got, err)
	}
	if !bytes.Equal(readFile(t, dir), file) {
		t.Error("the file has changed")
	}
	if _, err := spool.Verify(t.TempDir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("where there is no spool: %v", err)
	}
}

// Inspect knows the operations that are not finished too.
func TestInspect(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	started := events("b", 1, 2, 3)
	started[0].Operation, started[1].Operation, started[2].Operation = "op-3", "op-2", "op-1"
	appendAll(t, s, started...)
	remove(t, s, "b", 3)
	if err := s.Finish("op-2"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	backlog, unfinished, err := spool.Inspect(dir)
	if want := []onex.Spooled{started[0], started[2]}; err != nil || !reflect.DeepEqual(unfinished, want) || len(backlog.Topics) != 0 {
		t.Errorf("backlog %+v, unfinished %+v, error %v", backlog, unfinished, err)
	}
}
