package boltfile

import (
	"bytes"
	"io"
	"testing"
)

// The list of free pages is read in both of its forms: with more than 65534,
// the first entry is their number.
func TestManyFreePages(t *testing.T) {
	for _, free := range []int{10, 0xfffe, 0xffff, 100_000} {
		entries := free
		if free >= 0xffff {
			entries++
		}
		list := 1 + (pageHeaderSize+8*entries-1)/PageSize // pages
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
		b = append(b, make([]byte, list*PageSize-len(b))...)
		file := io.NewSectionReader(offsetReader{bytes.NewReader(b), 2 * PageSize}, 0, int64(end)*PageSize)
		p := &pages{r: file, meta: meta{freelist: 2, end: uint64(end)}, used: make([]bool, end), faults: &Faults{}}
		p.checkFree()
		if err := p.faults.Err(); err != nil {
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
