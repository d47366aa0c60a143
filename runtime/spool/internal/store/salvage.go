package store

import (
	"errors"
	"io"
	"os"

	"github.com/omninode-ai/onexevents/runtime/spool/internal/folder"
)

// Salvage writes what can be read of a damaged file, and is not in its tree any more, into
// a new one. It returns how many events that are, and how many are known to be gone.
//
// While only events are damaged, the tree still says which ones there are; else an event
// that was removed may come back. Operations come from the tree alone: those that were
// finished are still somewhere in the file, and nothing says that they were.
func (c *Contents) Salvage(path, next string) (kept, lost int, err error) {
	f, err := folder.Open(path, os.O_RDONLY)
	if err != nil {
		return 0, 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, 0, err
	}
	c.list(f, info.Size())
	sc := newScan(f, info.Size())
	sc.run()
	if alive := livingIn(f, info.Size()); alive != nil {
		sc.keep(alive)
	}
	if kept, err = c.copyTo(next, sc); err != nil {
		_ = os.Remove(next) // it may be the disk that is full
		return 0, 0, err
	}
	return kept, c.lost(sc) + len(sc.events) - kept, nil
}

// list reads the file again, for its operations: there may be many, and only a damaged
// file needs them all at once.
func (c *Contents) list(r io.ReaderAt, size int64) {
	again := newContents()
	again.lists = true
	c.Operations = again.read(r, size).Operations
}

// copyTo writes what was found into a new file, and says how many events.
func (c *Contents) copyTo(path string, sc *scan) (int, error) {
	w, err := newWriter(path)
	if err != nil {
		return 0, err
	}
	w.last = max(c.Index.last, sc.last)
	kept := 0
	for _, op := range c.Operations {
		if err := w.start(op); err != nil {
			return 0, errors.Join(err, w.close(false))
		}
	}
	for _, p := range sc.places() {
		rec, err := sc.read(p)
		if err != nil {
			continue // it could be read a moment ago
		}
		kept++
		if err := w.put(rec.Copy()); err != nil {
			return 0, errors.Join(err, w.close(false))
		}
	}
	return kept, w.close(true)
}

// lost returns how many events of the tree were not found elsewhere either.
func (c *Contents) lost(sc *scan) int {
	n := 0
	for _, p := range c.damaged {
		if _, ok := sc.events[p]; !ok {
			n++
		}
	}
	return n
}
