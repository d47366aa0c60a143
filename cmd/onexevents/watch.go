package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
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
	w := watcher{opts: opts, out: out, notify: notify, made: map[string][]byte{}}
	for {
		err := w.round(ctx)
		switch {
		case ctx.Err() != nil:
			return exitOK
		case err != nil:
			out.failure(err)
			return exitFault
		}
		if !settled(ctx, notify.Events, notify.Errors, w.concerns) {
			return exitOK
		}
	}
}

// watcher is one run of -watch.
type watcher struct {
	opts    options
	out     report
	notify  *fsnotify.Watcher
	pkgs    []*annotate.Package // as the last round found them
	folders []string            // that are watched
	made    map[string][]byte   // what this run has written, nil for what it has removed
}

// round generates once. An error means that watching does not work.
func (w *watcher) round(ctx context.Context) error {
	// The folders come first: what changes from here on is seen.
	if _, err := w.add(); err != nil {
		return err
	}
	p, err := makePlan(ctx, w.opts)
	w.pkgs = p.pkgs
	if added, addErr := w.add(); addErr != nil {
		return addErr
	} else if added && err == nil {
		p, err = makePlan(ctx, w.opts) // what has changed before they were watched
	}
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
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

// add watches the folders that are not watched yet, and tells whether there
// were any.
func (w *watcher) add() (bool, error) {
	var folders []string
	for _, t := range w.opts.targets {
		patterns := slices.Clone(t.patterns)
		for _, pkg := range w.pkgs {
			patterns = append(patterns, pkg.Dir)
		}
		found, err := annotate.Folders(t.dir, patterns...)
		if err != nil {
			return false, err
		}
		folders = append(folders, found...)
	}
	slices.Sort(folders)
	folders = slices.Compact(folders)
	added := false
	watched := w.notify.WatchList()
	for _, dir := range folders {
		if slices.Contains(watched, dir) {
			continue
		}
		err := w.notify.Add(dir)
		switch {
		case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
			// If it matters, the go command reports it.
		case err != nil:
			return false, fmt.Errorf("watch %s: %w; name fewer packages, or raise the system's limit of watched folders", dir, err)
		default:
			added = true
		}
	}
	w.folders = folders
	return added, nil
}

// concerns tells whether something has to be generated because of what has
// happened to a file. What this run itself has written is no reason.
func (w *watcher) concerns(event fsnotify.Event) bool {
	if event.Op == fsnotify.Chmod {
		return false
	}
	base := filepath.Base(event.Name)
	switch {
	case strings.HasPrefix(base, "."), strings.HasPrefix(base, "_"):
		return false
	case base == "go.mod", base == "go.sum", base == "go.work":
		return true
	case emit.IsFileName(base):
		return !w.isMade(event.Name)
	case filepath.Ext(base) == ".go":
		return true
	case event.Has(fsnotify.Create):
		info, err := os.Stat(event.Name)
		return err == nil && info.IsDir()
	default:
		// A folder that goes takes its packages along.
		return event.Has(fsnotify.Remove|fsnotify.Rename) && slices.Contains(w.folders, event.Name)
	}
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
// has come for the time quiet. It returns false if ctx ends before.
func settled(ctx context.Context, events <-chan fsnotify.Event, lost <-chan error, concerns func(fsnotify.Event) bool) bool {
	var end <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return false
		case event := <-events:
			if concerns(event) {
				end = time.After(quiet)
			}
		case <-lost: // there were more events than the system holds
			end = time.After(quiet)
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
