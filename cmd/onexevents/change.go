package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
)

// What can be the matter with a file.
const (
	missing = "missing"        // is not there
	stale   = "stale"          // says something else than would be generated
	edited  = "edited by hand" // was generated, and then changed
	orphan  = "orphan"         // belongs to no directive any more
)

// change is a file that is not as it should be.
type change struct {
	path     string // absolute
	state    string // missing, stale, edited or orphan
	old, new []byte // nil where there is no file
	kept     bool   // somebody's edits are in it, and would be lost
}

// done is what has become of the file when the change is made.
func (c change) done() string {
	if c.new == nil {
		return "removed"
	}
	return "written"
}

// apply makes the change on disk.
func (c change) apply() error {
	if c.new != nil {
		return writeFile(c.path, c.new)
	}
	if err := os.Remove(c.path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil // another run was faster
}

// withoutCR undoes what a checkout with CRLF line ends does.
func withoutCR(src []byte) []byte { return bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n")) }
