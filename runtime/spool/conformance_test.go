package spool_test

import (
	"testing"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool"
	"github.com/omninode-ai/onexevents/runtime/spool/spooltest"
)

// The spool keeps all that the interface promises. What becomes of a full disk
// is in TestDiskFull, and of a killed process in TestKilled.
func TestConformance(t *testing.T) {
	dir := t.TempDir()
	spooltest.Test(t, func() onex.Spool {
		s, err := spool.Open(dir, spool.MaxBytes(300<<10))
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}
