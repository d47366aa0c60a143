package onex

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
)

// newLooker returns a dispatcher of which only what it decides is looked at.
func newLooker(t *testing.T) (*dispatcher, *lane) {
	t.Helper()
	cfg, err := Config{NoDeadLetters: true}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	in := newIntake(bounds{events: 10, bytes: 1000})
	rep := newReporter(in, cfg)
	d := &dispatcher{cfg: cfg, intake: in, producer: &producer{}, reporter: rep, spooler: newSpooler(nil, in, rep, nil)}
	return d, in.lane("t")
}

// A durable event waits for the disk, and not for what becomes of an event
// that Kafka has refused.
func TestDurableDoesNotWaitForTheUnfit(t *testing.T) {
	d, l := newLooker(t)
	unfit, durable := newEvent([]byte("{}"), "k"), newEvent([]byte("{}"), "k")
	if _, err := d.intake.accept(l, unfit, extra{}); err != nil {
		t.Fatal(err)
	}
	d.intake.takePending(l, 1)
	d.intake.group(l, 1)
	d.intake.failed(l, unfit, kerr.InvalidRecord)
	if _, err := d.intake.accept(l, durable, extra{durable: make(chan error, 1)}); err != nil {
		t.Fatal(err)
	}
	d.look(l)
	if jobs, _ := d.spooler.take(); len(jobs) != 1 || len(jobs[0].write) != 1 || jobs[0].write[0] != durable {
		t.Errorf("the spooler was given %+v", jobs)
	}
}
