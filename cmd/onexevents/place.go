package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/omninode-ai/onexevents/annotate"
)

// place is where a file is, if there is one: for a symbolic link, the file that
// it leads to, since that is to be written.
type place struct {
	path    string
	content []byte // nil if there is no file
}

// errIrregular is about what is neither a file nor a link to one.
var errIrregular = errors.New("it is no regular file")

// placeOf looks at a path without opening what is no regular file: a pipe or a
// device may never end. A link that leads out of its module, or nowhere, is an
// error: what is behind it may belong to somebody else.
func placeOf(path string) (place, error) {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return place{path: path}, nil
	case err != nil:
		return place{}, err
	case info.Mode()&fs.ModeSymlink != 0:
		if path, err = behind(path); err != nil {
			return place{}, err
		}
	case !info.Mode().IsRegular():
		return place{}, errIrregular
	}
	content, err := os.ReadFile(path)
	if content == nil {
		content = []byte{} // there is a file
	}
	return place{path, content}, err
}

// behind returns the regular file that a link leads to.
func behind(link string) (string, error) {
	target, err := filepath.EvalSymlinks(link)
	if err != nil {
		return "", errors.New("it is a symbolic link that leads nowhere")
	}
	if info, err := os.Stat(target); err != nil || !info.Mode().IsRegular() {
		return "", errIrregular
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(link))
	if err != nil {
		return "", err
	}
	if target, err = filepath.Abs(target); err != nil {
		return "", err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return "", err
	}
	if annotate.ModuleDir(dir) != annotate.ModuleDir(filepath.Dir(target)) {
		return "", fmt.Errorf("it is a symbolic link to %s, in another module", target)
	}
	return target, nil
}

// entriesOf returns what is in a folder, which need not be there. Of a file, Windows
// says that there is no such folder; so a second question tells the two apart.
func entriesOf(dir string) ([]fs.DirEntry, error) {
	entries, err := os.ReadDir(dir)
	if !errors.Is(err, fs.ErrNotExist) {
		return entries, err
	}
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return nil, errors.New("it is no folder")
	}
	return nil, nil
}
