package boltfile

import (
	"bytes"
	"io"
)

// Visitor is called for everything in a tree of buckets, in order.
type Visitor interface {
	// Bucket says that the bucket of this path begins.
	Bucket(path [][]byte)
	// Value says that the bucket of this path has this.
	Value(path [][]byte, key, value []byte)
}

// Read reads the whole tree of a file of this size, and notes everything that is
// wrong with its pages. It returns false if it does not find where the tree begins.
func Read(r io.ReaderAt, size int64, v Visitor, f *Faults) bool {
	p, ok := openPages(r, size, f)
	if !ok {
		return false
	}
	(&walk{p, v}).page(nil, p.meta.root, bounds{})
	p.checkFree()
	return true
}

type walk struct {
	*pages
	Visitor Visitor
}

// bounds are those of the keys that a page may have: min and all up to, and
// without, max. nil is no bound.
type bounds struct{ min, max []byte }

func (w *walk) page(path [][]byte, id uint64, in bounds) {
	pg, ok := w.load(id)
	if !ok {
		return
	}
	if pg.count() == 0 {
		w.faults.Add("page %d: it is empty", id)
	}
	switch pg.flags() {
	case leafPage:
		w.leaf(path, id, pg.bytes, in)
	case branchPage:
		w.branch(path, id, pg.bytes, in)
	default:
		w.faults.Add("page %d: it is of kind %#x", id, pg.flags())
	}
}

func (w *walk) branch(path [][]byte, id uint64, b []byte, in bounds) {
	elements, _ := w.elements(id, b, func(e []byte) element {
		return element{position: order.Uint32(e), keySize: order.Uint32(e[4:]), child: order.Uint64(e[8:])}
	}, in)
	for i, e := range elements {
		below := bounds{e.key, in.max}
		if i+1 < len(elements) {
			below.max = elements[i+1].key
		}
		w.page(path, e.child, below)
	}
}

// leaf returns where the page's last element ends.
func (w *walk) leaf(path [][]byte, id uint64, b []byte, in bounds) (end int) {
	elements, end := w.elements(id, b, func(e []byte) element {
		return element{flags: order.Uint32(e), position: order.Uint32(e[4:]), keySize: order.Uint32(e[8:]), valueSize: order.Uint32(e[12:])}
	}, in)
	for _, e := range elements {
		switch e.flags {
		case 0:
			w.Visitor.Value(path, e.key, e.value)
		case bucketElement:
			w.bucket(append(path[:len(path):len(path)], e.key), id, e.value)
		default:
			w.faults.Add("page %d: it has an element of kind %#x", id, e.flags)
		}
	}
	return end
}

// bucket reads a bucket inside another; a small one has no page of its own.
func (w *walk) bucket(path [][]byte, id uint64, b []byte) {
	if len(b) < bucketSize {
		w.faults.Add("page %d: it has a bucket of %d bytes", id, len(b))
		return
	}
	w.Visitor.Bucket(path)
	if root := order.Uint64(b); root != 0 {
		w.page(path, root, bounds{})
		return
	}
	b = b[bucketSize:]
	if len(b) < pageHeaderSize || order.Uint64(b) != 0 || order.Uint16(b[8:]) != leafPage {
		w.faults.Add("page %d: it has a bucket that makes no sense", id)
		return
	}
	if end := w.leaf(path, id, b, bounds{}); end != len(b) {
		w.faults.Add("page %d: it has a bucket of which the elements are not all", id)
	}
}

// element is one of a page.
type element struct {
	flags, position, keySize, valueSize uint32

	child      uint64
	key, value []byte
}

// elements returns those of a page and where they end: first come all their
// headers, then keys and values, one after the other without a gap, so that an
// element that is missing shows. After a fault it returns those before.
func (w *walk) elements(id uint64, b []byte, header func([]byte) element, in bounds) (elements []element, end int) {
	count := page{bytes: b}.count()
	end = pageHeaderSize + count*elementSize
	if end > len(b) {
		w.faults.Add("page %d: it says that it has %d elements", id, count)
		return nil, 0
	}
	elements = make([]element, 0, count)
	for i := range count {
		at := pageHeaderSize + i*elementSize
		e := header(b[at:])
		if at+int(e.position) != end || int64(e.keySize)+int64(e.valueSize) > int64(len(b)-end) || e.keySize == 0 {
			w.faults.Add("page %d: element %d is not where it should be", id, i)
			return elements, end
		}
		e.key = b[end : end+int(e.keySize)]
		end += int(e.keySize)
		e.value = b[end : end+int(e.valueSize)]
		end += int(e.valueSize)
		if i > 0 && bytes.Compare(elements[i-1].key, e.key) >= 0 || !in.include(e.key) {
			w.faults.Add("page %d: element %d is out of order", id, i)
			return elements, end
		}
		elements = append(elements, e)
	}
	return elements, end
}

func (in bounds) include(key []byte) bool {
	return bytes.Compare(key, in.min) >= 0 && (in.max == nil || bytes.Compare(key, in.max) < 0)
}
