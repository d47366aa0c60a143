package spool

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"testing"

	"go.etcd.io/bbolt"
)

// What bbolt says of the disk is known by its cause, if only its text is left.
func TestErrno(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want error
	}{
		{&os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, syscall.ENOSPC},
		{fmt.Errorf("file sync error: %s", syscall.ENOSPC), syscall.ENOSPC},
		{fmt.Errorf("file resize error: %s", syscall.EFBIG), syscall.EFBIG},
		{errors.New("another"), nil},
	} {
		got := withErrno(tt.err)
		if !errors.Is(got, tt.err) || tt.want != nil && !errors.Is(got, tt.want) || tt.want == nil && got != tt.err {
			t.Errorf("%v became %v", tt.err, got)
		}
	}
}

// A panic in a transaction leaves a store that can be closed, whether its locks
// were released or not.
func TestPanicInTransaction(t *testing.T) {
	for _, writable := range []bool{false, true} {
		w, err := newWriter(t.TempDir() + "/x")
		must(t, err)
		err = w.store.within(writable, func(*bbolt.Tx) error { panic("bad page") })
		if !isBroken(err) || err.Error() != "bad page" || w.store.stuck {
			t.Errorf("error %v, stuck: %t", err, w.store.stuck)
		}
		must(t, w.store.close())
		must(t, w.store.close())
	}
}

// The list of free pages is read in both of its forms: with more than 65534,
// the first entry is their number.
func TestManyFreePages(t *testing.T) {
	for _, free := range []int{10, 0xfffe, 0xffff, 100_000} {
		entries := free
		if free >= 0xffff {
			entries++
		}
		list := 1 + (pageHeaderSize+8*entries-1)/pageSize // pages
		end := 2 + list + free
		b := order.AppendUint64(nil, 2)
		b = order.AppendUint16(b, freelistPage)
		b = order.AppendUint16(b, uint16(min(free, 0xffff)))
		b = order.AppendUint32(b, uint32(list-1))
		if free >= 0xffff {
			b = order.AppendUint64(b, uint64(free))
		}
		for id := 2 + list; id < end; id++ {
			b = order.AppendUint64(b, uint64(id))
		}
		b = append(b, make([]byte, list*pageSize-len(b))...)
		file := io.NewSectionReader(offsetReader{bytes.NewReader(b), 2 * pageSize}, 0, int64(end)*pageSize)
		p := &pages{r: file, meta: meta{freelist: 2, end: uint64(end)}, used: make([]bool, end), faults: &faults{}}
		p.checkFree()
		if err := p.faults.err(); err != nil {
			t.Errorf("%d free pages: %v", free, err)
		}
	}
}

// offsetReader is what follows after some bytes that nobody reads.
type offsetReader struct {
	r  io.ReaderAt
	by int64
}

func (o offsetReader) ReadAt(b []byte, at int64) (int, error) { return o.r.ReadAt(b, at-o.by) }
