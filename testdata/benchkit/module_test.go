package benchkit_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/omninode-ai/onexevents/testdata/benchkit"
)

// A peer that has to check types would otherwise be measured at reporting
// errors.
func TestWriteCompiles(t *testing.T) {
	dir := t.TempDir()
	nodes, err := benchkit.WriteModule(dir, 20)
	if err != nil || len(nodes) != 2 {
		t.Fatalf("nodes %q, %v", nodes, err)
	}
	vet := exec.Command("go", "vet", "./...")
	vet.Dir = dir
	vet.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	if out, err := vet.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	files := 0
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if filepath.Ext(path) == ".go" {
			files++
		}
		info, err := entry.Info()
		if err == nil && time.Since(info.ModTime()) < time.Minute {
			t.Errorf("%s is new", path)
		}
		return err
	})
	if err != nil || files != 100 {
		t.Errorf("%d files, want 100; %v", files, err)
	}
}
