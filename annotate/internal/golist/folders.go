package golist

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// Folders returns what annotate.Folders does.
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
	root := WildcardRoot(dir, pattern)
	switch path, wildcard := IsPath(pattern), IsWildcard(pattern); {
	case path && !wildcard:
		return f.add(Absolute(dir, pattern))
	case !path:
		// An import path leads through the module that it is written in.
		if !wildcard {
			return f.addImportPath(dir, pattern)
		}
		if root = ModuleDir(dir); root == "" {
			return nil
		}
	}
	return WalkFolders(root, f.add)
}

// addImportPath adds the folder of a package, if it is of the module.
func (f folders) addImportPath(dir, path string) error {
	root := ModuleDir(dir)
	if root == "" {
		return nil
	}
	if rel, ok := strings.CutPrefix(path+"/", ImportPath(root)+"/"); ok {
		return f.add(filepath.Join(root, filepath.FromSlash(rel)))
	}
	return nil
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
		if Exists(filepath.Join(dir, "go.mod")) || Exists(filepath.Join(dir, "go.work")) {
			f.found[dir] = true
		}
		dir = filepath.Dir(dir)
	}
}
