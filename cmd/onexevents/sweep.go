package main

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/omninode-ai/onexevents/emit"
)

// leftoverAge is beyond what any run takes between naming a temporary file and
// renaming it.
const leftoverAge = time.Minute

// sweep removes the temporary files of runs that were killed, from the time
// before: younger ones may belong to a run that goes on. What it cannot remove
// is in nobody's way.
func sweep(dir string, before time.Time) {
	entries, _ := os.ReadDir(dir)
	for _, entry := range entries {
		if !isTempName(entry.Name()) {
			continue
		}
		info, err := entry.Info()
		if err != nil || !info.Mode().IsRegular() || info.ModTime().After(before) {
			continue
		}
		path := filepath.Join(dir, entry.Name())
		if src, err := os.ReadFile(path); err == nil && (emit.HasHeader(src) || emit.IsDamaged(src)) {
			os.Remove(path)
		}
	}
}

// isTempName tells the names that [tempName] gives to generated files.
func isTempName(base string) bool {
	name, found := strings.CutSuffix(base, tempSuffix)
	if !found || !strings.HasPrefix(name, ".") {
		return false
	}
	return emit.IsFileName(strings.TrimSuffix(name, filepath.Ext(name)))
}
