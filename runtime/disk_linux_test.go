package onex_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool"
)

// A real disk that is full, at whatever write, costs no event: what it cannot
// take waits in memory, and is refused when that is full too.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=2m"); err != nil {
		t.Skipf("this test needs the right to mount a disk: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	filler := filepath.Join(dir, "filler")
	if err := os.WriteFile(filler, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	sp, err := spool.Open(filepath.Join(dir, "spool"))
	if err != nil {
		t.Fatal(err)
	}
	k := newKafka(t)
	l := newLoad(t)
	cfg := l.config(sp)
	cfg.MaxInFlight = 500
	pub := newPublisher(t, cfg, k.addr(), quick()...)
	l.use(pub)
	publishUntilFull(t, l, pub)
	spooled := pub.Ledger().Spooled
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	until(t, pub, "on disk again", func(g onex.Ledger) bool { return g.Spooled > spooled+300 && g.InFlight < 100 })
	publishUntilFull(t, l, pub)
	k.start()
	l.waitAndPublish(pub, 100)
	if err := pub.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
	l.check(k.addr(), pub, true)
}

// publishUntilFull publishes until neither the disk nor the memory takes more.
func publishUntilFull(t *testing.T, l *load, pub *onex.Publisher) {
	t.Helper()
	for ctx, refused := testContext(t), 0; refused < 20; {
		switch err := l.publish("k"); {
		case err == nil:
			refused = 0
		case errors.Is(err, onex.ErrQueueFull) && ctx.Err() == nil:
			refused++
			pause(ctx)
		default:
			t.Fatalf("%v, %v, ledger %+v", err, ctx.Err(), pub.Ledger())
		}
		checkLedger(t, pub.Ledger())
	}
}
