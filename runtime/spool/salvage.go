package spool

import (
	"errors"
	"fmt"
	"os"
)

// load opens the file. If that is damaged, it first makes a new one with what
// can be read of it.
func (s *Spool) load() (*store, error) {
	for attempt := 0; ; attempt++ {
		c, err := s.examine()
		if err != nil {
			return nil, err
		}
		fault := c.faults.err()
		if fault == nil {
			st, err := openStore(s.path(fileName), c.index)
			if !isBroken(err) {
				return st, err
			}
			fault = err
		}
		if attempt == 1 {
			return nil, fault // a new file, and damaged
		}
		if err := s.salvage(c, fault); err != nil {
			return nil, fmt.Errorf("make a new file of the damaged one: %w", err)
		}
	}
}

// examine reads the file, which it makes if there is none.
func (s *Spool) examine() (*contents, error) {
	path, next := s.path(fileName), s.path(newName)
	c, err := readFile(path)
	if errors.Is(err, os.ErrNotExist) {
		// A new file is complete before the old one makes way for it; so it
		// is what there is, or else it never was of any use.
		if c, err := readFile(next); err != nil || c.faults.err() != nil {
			if err := makeFile(next); err != nil {
				return nil, err
			}
		}
		if err := s.install(); err != nil {
			return nil, err
		}
		return readFile(path)
	}
	if err != nil {
		return nil, err
	}
	if err := os.Remove(next); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	return c, nil
}

func readFile(path string) (*contents, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return readContents(f, info.Size()), nil
}

// makeFile makes the file of an empty spool.
func makeFile(path string) error {
	w, err := newWriter(path)
	if err != nil {
		return err
	}
	return w.close(true)
}

// install makes the new file the spool's.
func (s *Spool) install() error {
	if err := os.Rename(s.path(newName), s.path(fileName)); err != nil {
		return err
	}
	return syncDir(s.dir)
}

// salvage makes a new file of what can be read of a damaged one, and puts that
// aside. While only events are damaged, the tree still says which ones there
// are; else an event that was removed may come back. Operations come from the tree alone: those that were finished are
// still somewhere in the file, and nothing says that they were.
func (s *Spool) salvage(c *contents, fault error) error {
	f, err := os.Open(s.path(fileName))
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	sc := newScan(f, info.Size())
	sc.run()
	if alive := livingIn(f, info.Size()); alive != nil {
		sc.keep(alive)
	}
	kept, err := c.copyTo(s.path(newName), sc)
	if err != nil {
		_ = os.Remove(s.path(newName)) // it may be the disk that is full
		return err
	}
	_ = f.Close() // for systems that do not rename open files
	aside, err := s.setAside()
	if err != nil {
		return err
	}
	if err := s.install(); err != nil {
		return err
	}
	s.damages = append(s.damages, Damage{MovedTo: aside, Err: fault, Kept: kept, Lost: c.lost(sc) + len(sc.events) - kept})
	return nil
}

// copyTo writes what was found into a new file, and says how many events.
func (c *contents) copyTo(path string, sc *scan) (int, error) {
	w, err := newWriter(path)
	if err != nil {
		return 0, err
	}
	w.last = max(c.index.last, sc.last)
	kept := 0
	for _, op := range c.operations {
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
		if err := w.put(rec.spooled()); err != nil {
			return 0, errors.Join(err, w.close(false))
		}
	}
	return kept, w.close(true)
}

// lost returns how many events of the tree were not found elsewhere either.
func (c *contents) lost(sc *scan) int {
	n := 0
	for _, p := range c.damaged {
		if _, ok := sc.events[p]; !ok {
			n++
		}
	}
	return n
}

// setAside renames the damaged file, to a name that is free.
func (s *Spool) setAside() (string, error) {
	for n := 1; ; n++ {
		aside := s.path(fmt.Sprintf("%s.damaged-%d", fileName, n))
		if _, err := os.Lstat(aside); errors.Is(err, os.ErrNotExist) {
			return aside, os.Rename(s.path(fileName), aside)
		} else if err != nil {
			return "", err
		}
	}
}
