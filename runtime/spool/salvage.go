package spool

import (
	"errors"
	"fmt"
	"os"

	"github.com/omninode-ai/onexevents/runtime/spool/internal/folder"
	"github.com/omninode-ai/onexevents/runtime/spool/internal/store"
)

// load opens the file. If that is damaged, it first makes a new one with what
// can be read of it.
func (s *Spool) load() (*store.Store, error) {
	for attempt := 0; ; attempt++ {
		c, err := s.examine()
		if err != nil {
			return nil, err
		}
		fault := c.Err()
		if fault == nil {
			st, err := store.Open(s.path(fileName), c.Index)
			if !store.IsBroken(err) {
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
func (s *Spool) examine() (*store.Contents, error) {
	path, next := s.path(fileName), s.path(newName)
	c, err := store.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		// A new file is complete before the old one makes way for it; so it
		// is what there is, or else it never was of any use.
		if c, err := store.ReadFile(next); err != nil || c.Err() != nil {
			if err := store.Create(next); err != nil {
				return nil, err
			}
		}
		if err := s.install(); err != nil {
			return nil, err
		}
		return store.ReadFile(path)
	}
	if err != nil {
		return nil, err
	}
	if err := os.Remove(next); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	return c, nil
}

// install makes the new file the spool's.
func (s *Spool) install() error {
	if err := os.Rename(s.path(newName), s.path(fileName)); err != nil {
		return err
	}
	return folder.Sync(s.dir)
}

// salvage makes a new file of what can be read of a damaged one, and puts that out of the
// way.
func (s *Spool) salvage(c *store.Contents, fault error) error {
	kept, lost, err := c.Salvage(s.path(fileName), s.path(newName))
	if err != nil {
		return err
	}
	moved, err := s.moveAway()
	if err != nil {
		return err
	}
	if err := s.install(); err != nil {
		return err
	}
	s.damages = append(s.damages, Damage{MovedTo: moved, Err: fault, Kept: kept, Lost: lost})
	return nil
}

// moveAway renames the damaged file, to a name that is free.
func (s *Spool) moveAway() (string, error) {
	for n := 1; ; n++ {
		name := s.path(fmt.Sprintf("%s.damaged-%d", fileName, n))
		if _, err := os.Lstat(name); errors.Is(err, os.ErrNotExist) {
			return name, os.Rename(s.path(fileName), name)
		} else if err != nil {
			return "", err
		}
	}
}
