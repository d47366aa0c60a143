package onex

import "testing"

// A durable event goes to disk before it goes to the client, and so does what
// is behind it, even if it comes when the dispatcher has just seen that there is
// nothing for the disk: else its publish method would wait for ever.
func TestDurableIsNotTakenForTheClient(t *testing.T) {
	in := newIntake(bounds{events: 10, bytes: 1000})
	l := in.lane("t")
	accept := func(x extra) {
		t.Helper()
		if _, err := in.accept(l, newEvent([]byte("{}"), "k"), x); err != nil {
			t.Fatal(err)
		}
	}
	accept(extra{})
	if events, _ := in.toDisk(l, false, false); len(events) > 0 {
		t.Fatalf("%d events go to disk that need not", len(events))
	}
	accept(extra{durable: make(chan error, 1)})
	if events := in.takePending(l, 10); len(events) > 0 {
		t.Errorf("%d events go to the client", len(events))
	}
	if events, _ := in.toDisk(l, false, false); len(events) != 2 {
		t.Errorf("%d events go to disk, want both", len(events))
	}
}
