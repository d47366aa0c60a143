package golist

import (
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

// Find returns the one of paths at which there is a package of the given name,
// or "". The error says which of the paths could not be asked.
func (n *Names) Find(name string, paths []string) (string, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.learn(paths); err != nil {
		return "", err
	}
	for _, path := range paths {
		if n.known[path] == name {
			return path, nil
		}
	}
	if i := slices.IndexFunc(paths, func(path string) bool { return n.known[path] == "" }); i >= 0 {
		return "", fmt.Errorf("%s cannot be found", paths[i])
	}
	return "", nil
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
