package folder

import (
	"errors"
	"os"
	"syscall"
	"testing"
)

// A file system that does not sync folders is no reason to do without a spool. That of
// /proc answers as CIFS does.
func TestSyncWhereThatIsNone(t *testing.T) {
	d, err := os.Open("/proc")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Sync(); !errors.Is(err, syscall.EINVAL) {
		t.Skipf("/proc does sync: %v", err)
	}
	if err := Sync("/proc"); err != nil {
		t.Error(err)
	}
	if cannotSync(syscall.EIO) || cannotSync(nil) {
		t.Error("every error is taken for that")
	}
}
