package spools

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/omninode-ai/onexevents/runtime/spool"
)

// snapshots are how often a spool is copied that is written to meanwhile.
const snapshots = 20

// beside reads a spool that a process has, without its lock: it reads a copy. The
// spool's file is such that a copy is either whole, or seen to be none.
func beside(dir string) (h held, err error) {
	for range snapshots {
		var isQuiet bool
		if h, isQuiet, err = fromCopy(dir); isQuiet || err == nil && h.damage == nil {
			return h, err
		}
	}
	if err == nil {
		err = h.damage
	}
	return held{}, fmt.Errorf("the spool is written to all the time; try again (%w)", err)
}

// fromCopy reads a copy. isQuiet tells that nothing was written meanwhile.
func fromCopy(dir string) (h held, isQuiet bool, err error) {
	to, err := os.MkdirTemp("", "onexctl-spool-")
	if err != nil {
		return held{}, true, err
	}
	defer os.RemoveAll(to)
	before, err := written(dir)
	if err == nil {
		err = copyFiles(to, dir)
	}
	if err != nil {
		return held{}, true, err
	}
	after, err := written(dir)
	if err != nil {
		return held{}, true, err
	}
	backlog, unfinished, err := spool.Inspect(to)
	if errors.Is(err, spool.ErrDamaged) {
		return held{backlog, unfinished, err}, before.Equal(after), nil
	}
	return held{backlog, unfinished, nil}, before.Equal(after), err
}

// written is when a file of the folder was written to last.
func written(dir string) (last time.Time, err error) {
	files, err := os.ReadDir(dir)
	for _, f := range files {
		info, err := f.Info()
		if err != nil {
			return last, err
		}
		if info.ModTime().After(last) {
			last = info.ModTime()
		}
	}
	return last, err
}

// copyFiles copies the files of a spool, but for damaged ones that were put by.
func copyFiles(to, from string) error {
	files, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, f := range files {
		if !f.Type().IsRegular() || strings.Contains(f.Name(), ".damaged") {
			continue
		}
		if err := copyFile(filepath.Join(to, f.Name()), filepath.Join(from, f.Name())); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
