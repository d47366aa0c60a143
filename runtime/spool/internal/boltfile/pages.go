package boltfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
)

// pages reads the pages of a bbolt file, without bbolt: that maps the file into
// memory, trusts what it finds there, and panics or faults if it is wrong. Here
// every number is checked before it is used, and what is wrong is a fault, after
// which reading goes on.
//
// The numbers in the file are in the byte order of the machine that wrote it.
type pages struct {
	r      io.ReaderAt
	size   int64
	meta   meta
	used   []bool // by page: something refers to it
	faults *Faults
}

// meta is where a transaction says what it has made of the file.
type meta struct {
	root     uint64 // page of the root bucket
	freelist uint64 // page of the list of pages that nothing refers to
	end      uint64 // no page has this number, or a higher one
	txid     uint64
}

// PageSize is that of the pages of a file, whatever the machine's are: it can be
// read on another.
const PageSize = 4096

const (
	boltMagic   = 0xED0CDAED
	boltVersion = 2

	pageHeaderSize = 16
	elementSize    = 16
	bucketSize     = 16 // page of the root, sequence
	metaSize       = 64

	branchPage   = 0x01
	leafPage     = 0x02
	freelistPage = 0x10

	bucketElement = 0x01
)

var order = binary.NativeEndian

// openPages reads where everything begins. If it does not find that, the
// file's tree cannot be read at all.
func openPages(r io.ReaderAt, size int64, f *Faults) (*pages, bool) {
	p := &pages{r: r, size: size, faults: f}
	found := false
	for id := range int64(2) {
		m, err := p.readMeta(id)
		if err != nil {
			f.Add("meta page %d: %v", id, err)
		} else if !found || m.txid > p.meta.txid {
			p.meta, found = m, true
		}
	}
	if !found {
		return nil, false
	}
	if p.meta.end > uint64(size/PageSize) {
		f.Add("the file has %d bytes, and should have %d pages of %d", size, p.meta.end, PageSize)
		p.meta.end = uint64(size / PageSize)
	}
	p.used = make([]bool, p.meta.end)
	return p, true
}

func (p *pages) readMeta(id int64) (meta, error) {
	b := make([]byte, pageHeaderSize+metaSize)
	if _, err := p.r.ReadAt(b, id*PageSize); err != nil {
		return meta{}, err
	}
	b = b[pageHeaderSize:]
	sum := fnv.New64a()
	_, _ = sum.Write(b[:56])
	switch {
	case order.Uint32(b) != boltMagic:
		return meta{}, errors.New("this is not one")
	case order.Uint32(b[4:]) != boltVersion:
		return meta{}, fmt.Errorf("version %d, want %d", order.Uint32(b[4:]), boltVersion)
	case order.Uint64(b[56:]) != sum.Sum64():
		return meta{}, errors.New("the checksum is wrong")
	case order.Uint32(b[8:]) != PageSize:
		return meta{}, fmt.Errorf("pages of %d bytes, want %d", order.Uint32(b[8:]), PageSize)
	}
	return meta{root: order.Uint64(b[16:]), freelist: order.Uint64(b[32:]), end: order.Uint64(b[40:]), txid: order.Uint64(b[48:])}, nil
}

// page is one page, or several that belong together.
type page struct {
	offset int64 // in the file
	bytes  []byte
}

func (p page) flags() uint16 { return order.Uint16(p.bytes[8:]) }
func (p page) count() int    { return int(order.Uint16(p.bytes[10:])) }

// load reads a page to which nothing else may refer.
func (p *pages) load(id uint64) (page, bool) {
	if id < 2 || id >= p.meta.end {
		p.faults.Add("page %d: there is no such page", id)
		return page{}, false
	}
	pg := page{offset: int64(id) * PageSize, bytes: make([]byte, PageSize)}
	if _, err := p.r.ReadAt(pg.bytes, pg.offset); err != nil {
		p.faults.Add("page %d: %v", id, err)
		return page{}, false
	}
	if got := order.Uint64(pg.bytes); got != id {
		p.faults.Add("page %d: it says that it is page %d", id, got)
		return page{}, false
	}
	more := uint64(order.Uint32(pg.bytes[12:]))
	if more >= p.meta.end-id {
		p.faults.Add("page %d: it says that %d more belong to it", id, more)
		return page{}, false
	}
	for i := id; i <= id+more; i++ {
		if !p.use(i) {
			return page{}, false
		}
	}
	if more > 0 {
		pg.bytes = make([]byte, (more+1)*PageSize)
		if _, err := p.r.ReadAt(pg.bytes, pg.offset); err != nil {
			p.faults.Add("page %d: %v", id, err)
			return page{}, false
		}
	}
	return pg, true
}

// use notes that something refers to a page.
func (p *pages) use(id uint64) bool {
	if id < 2 || id >= p.meta.end {
		p.faults.Add("page %d: there is no such page", id)
		return false
	}
	if p.used[id] {
		p.faults.Add("page %d: it is in two places", id)
		return false
	}
	p.used[id] = true
	return true
}

// checkFree finds out whether the pages to which nothing in the tree refers are
// the free ones: a transaction writes over those.
func (p *pages) checkFree() {
	pg, ok := p.load(p.meta.freelist)
	if !ok {
		return
	}
	if pg.flags() != freelistPage {
		p.faults.Add("page %d: it has no list of free pages", p.meta.freelist)
		return
	}
	ids := pg.bytes[pageHeaderSize:]
	count := uint64(pg.count())
	if count == 0xffff {
		count = order.Uint64(ids)
		ids = ids[8:]
	}
	if count > uint64(len(ids)/8) {
		p.faults.Add("page %d: it says that it has %d free pages", p.meta.freelist, count)
		return
	}
	for i := range count {
		p.use(order.Uint64(ids[8*i:]))
	}
	for id := uint64(2); id < p.meta.end; id++ {
		if !p.used[id] {
			p.faults.Add("page %d: it is neither in use nor free", id)
		}
	}
}
