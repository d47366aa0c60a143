package golist

import (
	"cmp"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/tools/go/packages"
)

// Names finds out what imported packages call themselves, where their
// paths do not show it. It asks the go command once for each path.
type Names struct {
	Command Command
	mu      sync.Mutex
	known   map[string]string // by path; "" if it cannot be found out
}

// Find returns those of paths at which there is a package of the given name.
// The error says which of the paths could not be asked.
func (n *Names) Find(name string, paths []string) (found []string, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.learn(paths); err != nil {
		return nil, err
	}
	for _, path := range paths {
		switch n.known[path] {
		case name:
			found = append(found, path)
		case "":
			err = cmp.Or(err, fmt.Errorf("%s cannot be found", path))
		}
	}
	return found, err
}

// Of returns the name of the package at a path, or "" if it cannot be found.
func (n *Names) Of(path string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.learn([]string{path}); err != nil {
		return ""
	}
	return n.known[path]
}

func (n *Names) learn(paths []string) error {
	unknown := slices.DeleteFunc(slices.Clone(paths), func(path string) bool {
		_, ok := n.known[path]
		return ok
	})
	if len(unknown) == 0 {
		return nil
	}
	listed, err := n.Command.List(packages.NeedName|packages.NeedFiles, unknown)
	if err != nil {
		return err
	}
	if n.known == nil {
		n.known = map[string]string{}
	}
	for _, path := range unknown {
		n.known[path] = ""
	}
	for _, p := range listed {
		n.known[p.PkgPath] = p.Name
	}
	return nil
}
