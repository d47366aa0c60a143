package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/emit"
)

// quiet is how long nothing may change before what has changed is generated:
// longer than an editor takes to save all, shorter than one waits for.
const quiet = 50 * time.Millisecond

// watch generates now and whenever something changes, until ctx ends.
func watch(ctx context.Context, opts options, out report) int {
	notify, err := fsnotify.NewWatcher()
	if err != nil {
		out.failure(fmt.Errorf("watch folders: %w", err))
		return exitFault
	}
	defer notify.Close()
	w := watcher{opts: opts, out: out, notify: notify, made: map[string][]byte{}, watched: map[string]fs.FileInfo{}}
	if err := w.pinDown(); err != nil {
		out.failure(err)
		return exitFault
	}
	for {
		err := w.round(ctx)
		switch {
		case ctx.Err() != nil:
			return exitOK
		case err != nil:
			out.failure(err)
			return exitFault
		}
		if !settled(ctx, notify.Events, notify.Errors, w.concerns, nil) {
			return exitOK
		}
	}
}

// watcher is one run of -watch.
type watcher struct {
	opts    options
	out     report
	notify  *fsnotify.Watcher
	folders []string               // that the packages are in, or may come to be in
	linked  []string               // files elsewhere that sources are links to
	known   []string               // folders that have had packages
	watched map[string]fs.FileInfo // by folder
	made    map[string][]byte      // what this run has written, nil for what it has removed
}

// pinDown makes the folders of the targets absolute: the current folder may be
// taken away and come back as another.
func (w *watcher) pinDown() error {
	targets := slices.Clone(w.opts.targets)
	for i := range targets {
		dir, err := filepath.Abs(targets[i].dir)
		if err != nil {
			return fmt.Errorf("watch folders: %w", err)
		}
		targets[i].dir = dir
	}
	w.opts.targets = targets
	return nil
}

// patience is for how long a round that fails while folders change is made
// again instead of reported.
const patience = 10 * time.Second

// round generates once. An error means that watching does not work.
func (w *watcher) round(ctx context.Context) error {
	p, err, failed := w.plan(ctx)
	for start := time.Now(); failed == nil && (err != nil || len(p.faults) > 0) && time.Since(start) < patience; {
		// It may be wrong only because a checkout is not done yet.
		still := time.NewTimer(quiet)
		changing := settled(ctx, w.notify.Events, w.notify.Errors, w.concerns, still.C)
		still.Stop()
		if !changing {
			break
		}
		p, err, failed = w.plan(ctx)
	}
	switch {
	case failed != nil:
		return failed
	case ctx.Err() != nil:
		return nil
	case err != nil:
		w.out.failure(err)
		w.out.round(result{faults: 1}.String())
		return nil
	}
	r := p.carryOut(w.out)
	for _, c := range r.made {
		w.made[c.path] = c.new
	}
	w.out.round(r.String())
	return nil
}

// plan finds out what is to be done. failed means that watching does not work.
func (w *watcher) plan(ctx context.Context) (p plan, err, failed error) {
	// The folders come first: what changes from here on is seen.
	if _, failed = w.add(); failed != nil {
		return p, nil, failed
	}
	p, err = makePlan(ctx, w.opts)
	w.learn(p.pkgs)
	if added, failed := w.add(); failed != nil {
		return p, nil, failed
	} else if added {
		p, err = makePlan(ctx, w.opts) // what has changed before they were watched
	}
	return p, err, nil
}

// learn notes the folders of packages, and the files that their sources are
// links to.
func (w *watcher) learn(pkgs []*annotate.Package) {
	w.linked = nil
	for _, pkg := range pkgs {
		if !slices.Contains(w.known, pkg.Dir) {
			w.known = append(w.known, pkg.Dir)
		}
		entries, _ := os.ReadDir(pkg.Dir)
		for _, entry := range entries {
			if entry.Type()&fs.ModeSymlink == 0 || filepath.Ext(entry.Name()) != ".go" {
				continue
			}
			if file, err := filepath.EvalSymlinks(filepath.Join(pkg.Dir, entry.Name())); err == nil {
				w.linked = append(w.linked, file)
			}
		}
	}
}

// add watches the folders that are not watched yet, those above them too, and
// tells whether there were any.
func (w *watcher) add() (bool, error) {
	folders := slices.Clone(w.known)
	for _, t := range w.opts.targets {
		found, err := annotate.Folders(t.dir, t.patterns...)
		if err != nil {
			return false, err
		}
		folders = append(append(folders, t.dir), found...)
	}
	slices.Sort(folders)
	w.folders = slices.Compact(folders)
	wanted := map[string]bool{}
	for _, dir := range w.folders {
		addWithParents(wanted, dir)
	}
	for _, file := range w.linked {
		wanted[filepath.Dir(file)] = true
	}
	added := false
	for _, dir := range slices.Sorted(maps.Keys(wanted)) {
		isNew, err := w.addFolder(dir)
		if err != nil {
			return false, err
		}
		added = added || isNew
	}
	return added, nil
}

// addWithParents adds dir and the folders above it: each may vanish and come
// back, and a go.work may come to be in it.
func addWithParents(all map[string]bool, dir string) {
	for !all[dir] {
		all[dir] = true
		dir = filepath.Dir(dir)
	}
}

// addFolder watches a folder, unless that very folder is watched.
func (w *watcher) addFolder(dir string) (added bool, err error) {
	info, err := os.Stat(dir)
	before, known := w.watched[dir]
	if known && err == nil && os.SameFile(before, info) && slices.Contains(w.notify.WatchList(), dir) {
		return false, nil
	}
	if known {
		delete(w.watched, dir)
		w.notify.Remove(dir) // an error says that it is not watched, which is well
	}
	if err != nil {
		return false, nil // it may come; if it matters, the go command reports it
	}
	err = w.notify.Add(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("watch %s: %w; name fewer packages, or raise the system's limit of watched folders", dir, err)
	}
	w.watched[dir] = info
	return slices.Contains(w.folders, dir), nil
}

// concerns tells whether something has to be generated because of what has
// happened to a file. What this run itself has written is no reason.
func (w *watcher) concerns(event fsnotify.Event) bool {
	if event.Op == fsnotify.Chmod {
		return false
	}
	base := filepath.Base(event.Name)
	inside := slices.Contains(w.folders, filepath.Dir(event.Name))
	switch {
	case slices.Contains(w.linked, event.Name):
		return true
	case event.Has(fsnotify.Remove|fsnotify.Rename) && w.leadsToFolder(event.Name):
		return true // a folder that goes takes its packages along
	case strings.HasPrefix(base, "."), strings.HasPrefix(base, "_"):
		return false
	case base == "go.mod", base == "go.sum", base == "go.work":
		return true
	case emit.IsFileName(base):
		return inside && !w.isMade(event.Name)
	case filepath.Ext(base) == ".go":
		return inside
	case event.Has(fsnotify.Create):
		info, err := os.Stat(event.Name)
		return err == nil && info.IsDir() && (inside || w.leadsToFolder(event.Name))
	default:
		return false
	}
}

// leadsToFolder tells whether a path is that of a folder of ours, or of one
// above.
func (w *watcher) leadsToFolder(path string) bool {
	return slices.ContainsFunc(w.folders, func(dir string) bool {
		return dir == path || strings.HasPrefix(dir, path+string(filepath.Separator))
	})
}

// isMade tells whether a file is as this run has left it.
func (w *watcher) isMade(path string) bool {
	want, known := w.made[path]
	got, err := os.ReadFile(path)
	if want == nil {
		return known && errors.Is(err, fs.ErrNotExist)
	}
	return err == nil && bytes.Equal(got, want)
}

// settled waits for a change that concerns us, and then until no such change
// has come for the time quiet. It returns false if ctx ends before, or if the
// first such change has not come when giveUp fires.
func settled(ctx context.Context, events <-chan fsnotify.Event, lost <-chan error, concerns func(fsnotify.Event) bool, giveUp <-chan time.Time) bool {
	var end <-chan time.Time
	changed := func() { end, giveUp = time.After(quiet), nil }
	for {
		select {
		case <-ctx.Done():
			return false
		case <-giveUp:
			return false
		case event := <-events:
			if concerns(event) {
				changed()
			}
		case <-lost: // there were more events than the system holds
			changed()
		case <-end:
			return true
		}
	}
}

// String is the line that -watch prints for a round.
func (r result) String() string {
	var parts []string
	for _, state := range []string{"written", "removed"} {
		var names []string
		for _, c := range r.made {
			if c.done() == state {
				names = append(names, shortened(c.path))
			}
		}
		if len(names) > 0 {
			parts = append(parts, state+" "+strings.Join(names, ", "))
		}
	}
	switch {
	case r.faults == 1:
		parts = append(parts, "1 problem")
	case r.faults > 1:
		parts = append(parts, fmt.Sprintf("%d problems", r.faults))
	case len(parts) == 0:
		return "up to date"
	}
	return strings.Join(parts, "; ")
}
