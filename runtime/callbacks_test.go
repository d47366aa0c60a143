package onex_test

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// A spool that panics, or ends the goroutine that it is called on, is like one
// that fails: the events wait in memory, and go on when it does better.
func TestSpoolMisbehaves(t *testing.T) {
	for name, mood := range map[string]mood{
		"panic":  func() error { panic("moody") },
		"Goexit": func() error { runtime.Goexit(); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			k := newKafka(t)
			l, spool := newLoad(t), &moody{Spool: &memSpool{}}
			pub := newPublisher(t, l.config(spool), k.addr(), quick()...)
			l.use(pub)
			spool.change(func() { spool.append, spool.read, spool.remove = mood, mood, mood })
			l.some(100)
			if err := l.publish("k0", onex.Durable()); err == nil {
				t.Error("an event is durable that no spool has taken")
			}
			spool.change(func() { spool.append = nil })
			until(t, pub, "spooled", func(g onex.Ledger) bool { return g.Spooled == 100 })
			spool.calm()
			k.start()
			l.some(10)
			if err := pub.Close(testContext(t)); err != nil {
				t.Fatal(err)
			}
			l.check(k.addr(), pub, true)
		})
	}
}

// A spool that misbehaves from the beginning is an error, and no more.
func TestSpoolMisbehavesAtOnce(t *testing.T) {
	for want, mood := range map[string]mood{
		"panic: moody": func() error { panic("moody") },
		"Goexit":       func() error { runtime.Goexit(); return nil },
		"no":           func() error { return errors.New("no") },
	} {
		if _, err := onex.NewPublisher(onex.Config{Spool: locked{&memSpool{}, mood}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// locked is a spool that does not say what it has.
type locked struct {
	onex.Spool
	mood mood
}

func (s locked) Backlog() (onex.Backlog, error) { return onex.Backlog{}, s.mood() }
