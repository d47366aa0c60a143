package annotate

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
)

// Folders returns the absolute names of the folders in which a change can make
// [Load] find something else for the patterns: those that they name or lead
// through, packages or not yet, and those above with a go.mod or go.work. The
// folder of a package that is named by its import path is not known here.
func Folders(dir string, patterns ...string) ([]string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("find folders: %w", err)
	}
	if len(patterns) == 0 {
		patterns = []string{"."}
	}
	f := folders{found: map[string]bool{}, seen: map[string]bool{}}
	f.addRuling(dir)
	for _, pattern := range patterns {
		if err := f.addPattern(dir, pattern); err != nil {
			return nil, fmt.Errorf("find folders: %w", err)
		}
	}
	return slices.Sorted(maps.Keys(f.found)), nil
}

// folders collects folders, and looks at none above them twice.
type folders struct{ found, seen map[string]bool }

func (f folders) addPattern(dir, pattern string) error {
	root := wildcardRoot(dir, pattern)
	switch path, wildcard := isPath(pattern), isWildcard(pattern); {
	case path && !wildcard:
		return f.add(absolute(dir, pattern))
	case !path:
		// An import path leads through the module that it is written in.
		root = moduleDir(dir)
		if !wildcard || root == "" {
			return nil
		}
	}
	return walkFolders(root, f.add)
}

func (f folders) add(dir string) error {
	f.found[dir] = true
	f.addRuling(dir)
	return nil
}

// addRuling adds the folders at and above dir that hold a go.mod or go.work.
func (f folders) addRuling(dir string) {
	for !f.seen[dir] {
		f.seen[dir] = true
		if exists(filepath.Join(dir, "go.mod")) || exists(filepath.Join(dir, "go.work")) {
			f.found[dir] = true
		}
		dir = filepath.Dir(dir)
	}
}
