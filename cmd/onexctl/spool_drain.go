package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool"
)

func setUpSpoolDrain(flags *flag.FlagSet) action {
	conn := connection(flags)
	timeout := flags.Duration("timeout", 0, "")
	return func(ctx context.Context, s streams, args []string) (bool, error) {
		if *timeout < 0 {
			return false, misuse("-timeout: %v is no time to wait", *timeout)
		}
		h, err := inspect(args)
		if err != nil {
			return false, err
		}
		d := drain{streams: s, bar: newProgress(s.err, "delivering", h.events()+int64(len(h.unfinished)))}
		if *timeout > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, *timeout)
			defer cancel()
		}
		return d.run(ctx, conn, args[0])
	}
}

// drain delivers what is in a spool. What there is to say comes from several
// goroutines.
type drain struct {
	streams
	mu  sync.Mutex
	bar *progress
}

func (d *drain) say(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.bar.clear()
	fmt.Fprintf(d.err, "onexctl spool drain: %s\n", fmt.Sprintf(format, args...))
}

func (d *drain) run(ctx context.Context, conn settings, dir string) (bool, error) {
	cfg, opts, err := conn()
	if err != nil {
		return false, err
	}
	sp, err := open(dir, func(damage spool.Damage) {
		d.say("the spool is damaged: %s; %d events are lost for sure", printable(damage.Err.Error()), damage.Lost)
	})
	if err != nil {
		return false, err
	}
	cfg.Spool = sp
	cfg.Logger = slog.New(slog.DiscardHandler) // it would say what the following do
	cfg.OnHealth = d.tellHealth
	cfg.OnLoss = func(l onex.Loss) {
		d.say("event %s is lost: %s: %s", l.EventID, l.Reason, printable(fmt.Sprint(l.Err)))
	}
	pub, err := onex.NewPublisher(cfg, opts...)
	if err != nil {
		return false, errors.Join(err, sp.Close())
	}
	err = d.wait(ctx, pub)
	l := pub.Ledger()
	_, printErr := fmt.Fprintf(d.out, "%d delivered, %d dead-lettered, %d left in the spool, %d lost\n", l.Delivered, l.DeadLettered, l.Spooled, l.Lost)
	return l.Spooled+l.Lost == 0, errors.Join(err, printErr)
}

// wait closes the publisher, which is to wait until all is delivered.
func (d *drain) wait(ctx context.Context, pub *onex.Publisher) error {
	closed := make(chan error, 1)
	go func() { closed <- pub.Close(ctx) }()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-closed:
			d.mu.Lock()
			defer d.mu.Unlock()
			d.bar.clear()
			var rest *onex.CloseError
			if errors.As(err, &rest) {
				return nil // the ledger says so
			}
			return err
		case <-tick.C:
			l := pub.Ledger()
			d.mu.Lock()
			d.bar.show(l.Accepted - l.Spooled - l.InFlight)
			d.mu.Unlock()
		}
	}
}

// tellHealth says why nothing is delivered.
func (d *drain) tellHealth(h onex.Health) {
	if !h.Up && h.Cause != onex.CauseConnecting && h.Cause != onex.CauseClosed {
		d.say("nothing is delivered now: %s: %s", h.Cause, printable(onex.MaskSecrets(fmt.Sprint(h.Err))))
	}
	for _, topic := range slices.Sorted(maps.Keys(h.Topics)) {
		d.say("topic %s takes nothing now: %s", printable(topic), h.Topics[topic])
	}
}
