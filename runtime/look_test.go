package onex

import (
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// newLooker returns a dispatcher of which only what it decides is looked at, and
// a lane of which Kafka has just refused an event.
func newLooker(t *testing.T, cfg Config) (*dispatcher, *lane) {
	t.Helper()
	cfg, err := cfg.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	in, m := newIntake(bounds{events: 10, bytes: 1000}), newMonitor(time.Now)
	rep := newReporter(in, cfg)
	prod, err := newProducer([]kgo.Opt{kgo.SeedBrokers("127.0.0.1:1")}, m, rep.warn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(prod.close)
	d := &dispatcher{cfg: cfg, intake: in, producer: prod, reporter: rep, monitor: m, spooler: newSpooler(nil, in, rep, m)}
	l, unfit := in.lane("t"), newEvent([]byte("{}"), "k")
	if _, err := in.accept(l, unfit, extra{}); err != nil {
		t.Fatal(err)
	}
	in.takePending(l, 1)
	in.group(l, 1)
	in.failed(l, unfit, kerr.InvalidRecord)
	return d, l
}

// A durable event waits for the disk, and not for what becomes of an event
// that Kafka has refused.
func TestDurableDoesNotWaitForTheUnfit(t *testing.T) {
	d, l := newLooker(t, Config{})
	durable := newEvent([]byte("{}"), "k")
	if _, err := d.intake.accept(l, durable, extra{durable: make(chan error, 1)}); err != nil {
		t.Fatal(err)
	}
	d.look(l)
	if jobs, _ := d.spooler.take(); len(jobs) != 1 || len(jobs[0].write) != 1 || jobs[0].write[0] != durable {
		t.Errorf("the spooler was given %+v", jobs)
	}
}

// A dead letter has as much time as any event: it is watched from when it is
// sent, and not from when Kafka acknowledged something last.
func TestDeadLetterIsWatched(t *testing.T) {
	d, l := newLooker(t, Config{})
	d.look(l)
	if d.checkProgress(); d.down || d.failed > 0 {
		t.Errorf("Kafka is taken for down at once: %v, and %d clients have been replaced", d.down, d.failed)
	}
}
