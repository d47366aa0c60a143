package golist

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"golang.org/x/mod/modfile"
)

// WalkFolders visits the folders at and below root that the go command looks
// into for a wildcard. A root that is not there is for the go command to
// report.
func WalkFolders(root string, visit func(dir string) error) error {
	ignored := ignored{}
	// The separator makes a root that is a symbolic link be followed, as the
	// go command follows it.
	err := filepath.WalkDir(root+string(filepath.Separator), func(name string, entry fs.DirEntry, err error) error {
		dir := filepath.Clean(name)
		switch {
		case dir != root && (errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist)):
			return fs.SkipDir // closed to us, or gone meanwhile
		case err != nil:
			return err
		case !entry.IsDir():
			return nil
		}
		if base := filepath.Base(dir); dir != root && (isHidden(base) || base == "testdata" || base == "vendor") {
			return fs.SkipDir
		}
		if ignored.has(dir) {
			return fs.SkipDir
		}
		return visit(dir)
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// ModuleDir returns the folder of the go.mod that rules in dir, or "".
func ModuleDir(dir string) string {
	for {
		if Exists(filepath.Join(dir, "go.mod")) {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}

// ImportPath returns the path that a package in dir has in its module, or "" if
// it is in none.
func ImportPath(dir string) string {
	root := ModuleDir(dir)
	content, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if root == "" || err != nil {
		return ""
	}
	rel, err := filepath.Rel(root, dir)
	if err != nil {
		return ""
	}
	return path.Join(modfile.ModulePath(content), filepath.ToSlash(rel))
}
