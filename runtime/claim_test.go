package onex_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool"
)

// A spool is one publisher's at a time: another does not get it, and does not take it
// away either.
func TestOneSpoolTwoPublishers(t *testing.T) {
	k := newKafka(t).start()
	sp, err := spool.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	first := newPublisher(t, onex.Config{Spool: sp}, k.addr(), quick()...)
	for range 2 {
		if _, err := onex.NewPublisher(onex.Config{Spool: sp}, kgo.SeedBrokers(k.addr())); err == nil || !strings.Contains(err.Error(), "another publisher has the spool") {
			t.Errorf("the second: %v", err)
		}
	}
	if err := operation(first, "effect", "x").Started(testContext(t), id, onex.None{}, onex.Durable()); err != nil {
		t.Errorf("the first one's event: %v", err)
	}
	if err := first.Close(testContext(t)); err != nil {
		t.Error(err)
	}

	mem := &memSpool{} // which can be used again
	for range 2 {
		if err := newPublisher(t, onex.Config{Spool: mem}, k.addr(), quick()...).Close(testContext(t)); err != nil {
			t.Error(err)
		}
	}
}

// A publisher that cannot be made lets go of its spool, whyever that is.
func TestNewPublisherLetsGo(t *testing.T) {
	dir := t.TempDir()
	for name, tt := range map[string]struct {
		cfg  onex.Config
		opts []kgo.Opt
		wrap func(*spool.Spool) onex.Spool
	}{
		"config":  {cfg: onex.Config{Namespace: "no no"}},
		"options": {opts: []kgo.Opt{kgo.SeedBrokers()}},
		"ours":    {opts: []kgo.Opt{kgo.RequiredAcks(kgo.NoAck())}},
		"spool":   {wrap: func(s *spool.Spool) onex.Spool { return brokenSpool{s} }},
		"panic":   {wrap: func(s *spool.Spool) onex.Spool { return &panickingSpool{s} }},
	} {
		sp, err := spool.Open(dir)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		tt.cfg.Spool = sp
		if tt.wrap != nil {
			tt.cfg.Spool = tt.wrap(sp)
		}
		if _, err := onex.NewPublisher(tt.cfg, tt.opts...); err == nil {
			t.Errorf("%s is no mistake", name)
		}
		if _, err := sp.Backlog(); err == nil {
			if _, err := sp.Read("a", 0, 1); !errors.Is(err, spool.ErrClosed) {
				t.Errorf("%s: the spool is not closed: %v", name, err)
			}
		}
	}
}

type brokenSpool struct{ *spool.Spool }

func (brokenSpool) Backlog() (onex.Backlog, error) { return onex.Backlog{}, errors.New("no") }

type panickingSpool struct{ *spool.Spool }

func (*panickingSpool) UnfinishedAfter(string, int) ([]onex.Spooled, error) { panic("no") }

// The folder of the spool goes away while events are published: no event is said to be
// durable that is not, Health says why, and as soon as there is a folder again, all goes on.
func TestSpoolFolderGoes(t *testing.T) {
	k := newKafka(t)
	dir := filepath.Join(t.TempDir(), "spool")
	sp, err := spool.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	l := newLoad(t)
	pub := newPublisher(t, l.config(sp), k.addr(), quick()...)
	l.use(pub)
	ctx := testContext(t)
	op := operation(pub, "effect", "x")
	durable := func() error { return op.Started(ctx, uuid.New(), onex.None{}, onex.Durable()) }
	if err := durable(); err != nil {
		t.Fatal(err)
	}
	l.some(50)
	until(t, pub, "spooled", func(g onex.Ledger) bool { return g.Spooled == 51 })
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := durable(); !errors.Is(err, fs.ErrNotExist) || !errors.Is(err, spool.ErrGone) {
			t.Errorf("a durable event without a folder: %v", err)
		}
	}
	is := func(cause onex.Cause) {
		t.Helper()
		for h := pub.Health(); h.Cause != cause; h = pub.Health() {
			if pause(ctx); ctx.Err() != nil {
				t.Fatalf("health %+v, want %s", h, cause)
			}
		}
	}
	is(onex.CauseRefused) // which comes first
	k.start()
	is(onex.CauseDiskMissing)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for err := durable(); err != nil; err = durable() {
		if pause(ctx); ctx.Err() != nil {
			t.Fatal(err)
		}
	}
	if h := pub.Health(); !h.Up {
		t.Errorf("health %+v", h)
	}
	if err := pub.Close(ctx); err != nil {
		t.Error(err)
	}
	l.check(k.addr(), pub, false)
	if _, open, err := spool.Inspect(dir); err != nil || len(open) != 2 {
		t.Errorf("%d operations are unfinished, %v", len(open), err)
	}
}
