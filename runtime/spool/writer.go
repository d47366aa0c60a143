package spool

import (
	"errors"
	"os"
	"path/filepath"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// writer makes a new file with what is kept of another. It is on the disk when
// the writer is closed, and not before.
type writer struct {
	store   *store
	last    uint64
	events  []onex.Spooled // not written yet
	started []onex.Spooled // operations, not written yet
	bytes   int
}

const writeBytes = 4 << 20 // what a writer writes at a time

func newWriter(path string) (*writer, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	st, err := openStore(path, newIndex())
	if err != nil {
		return nil, err
	}
	st.db.NoSync = true
	w := &writer{store: st}
	if err := st.update(func(b *batch) error { return createBuckets(b.tx) }); err != nil {
		return nil, errors.Join(err, st.close())
	}
	return w, nil
}

func (w *writer) put(e onex.Spooled) error {
	w.events = append(w.events, e)
	return w.grown(e)
}

func (w *writer) start(e onex.Spooled) error {
	w.started = append(w.started, e)
	return w.grown(e)
}

func (w *writer) grown(e onex.Spooled) error {
	if w.bytes += (record{Spooled: e}).size(); w.bytes < writeBytes {
		return nil
	}
	return w.write()
}

func (w *writer) write() error {
	err := w.store.update(func(b *batch) error {
		for _, e := range w.events {
			if err := b.put(e); err != nil {
				return err
			}
		}
		for _, e := range w.started {
			if err := b.start(e); err != nil {
				return err
			}
		}
		b.last = max(b.last, w.last)
		return nil
	})
	w.events, w.started, w.bytes = w.events[:0], w.started[:0], 0
	return err
}

// close ends the file. If not all that it should have is in it, then without
// making sure that it is on the disk.
func (w *writer) close(complete bool) error {
	var err error
	if complete {
		if err = w.write(); err == nil {
			err = w.store.file.Sync()
		}
	}
	return errors.Join(err, w.store.close())
}

// syncDir puts the names of the files in a folder on the disk.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(ignoreFolderSync(d.Sync()), d.Close())
}

// makeDir makes a folder, and those above it, for nobody else to look into.
func makeDir(dir string) error {
	err := os.Mkdir(dir, 0o700)
	switch {
	case errors.Is(err, os.ErrExist):
		return nil
	case errors.Is(err, os.ErrNotExist):
		if err := makeDir(filepath.Dir(dir)); err != nil {
			return err
		}
		if err = os.Mkdir(dir, 0o700); err != nil {
			return err
		}
	case err != nil:
		return err
	}
	return syncDir(filepath.Dir(dir))
}
