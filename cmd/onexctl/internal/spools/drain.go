package spools

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

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/cluster"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/command"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool"
)

// SetUpDrain is for onexctl spool drain.
func SetUpDrain(flags *flag.FlagSet) command.Action {
	conn := cluster.Connection(flags)
	timeout := flags.Duration("timeout", 0, "")
	anyTopic := flags.Bool("any-topic", false, "")
	asJSON := flags.Bool("json", false, "")
	return func(ctx context.Context, s terminal.Streams, args []string) (bool, error) {
		if *timeout < 0 {
			return false, command.Misuse("-timeout: %v is no time to wait", *timeout)
		}
		h, err := inspect(args)
		if err != nil {
			return false, err
		}
		d := drain{Streams: s, asJSON: *asJSON, anyTopic: *anyTopic, bar: terminal.NewProgress(s.Err, "delivering", h.events()+int64(len(h.unfinished)))}
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
	terminal.Streams
	asJSON   bool
	anyTopic bool
	mu       sync.Mutex
	bar      *terminal.Progress
}

func (d *drain) say(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.bar.Clear()
	d.Say("onexctl spool drain", format, args...)
}

func (d *drain) run(ctx context.Context, conn cluster.Settings, dir string) (bool, error) {
	cfg, opts, err := conn()
	if err != nil {
		return false, err
	}
	sp, err := open(dir, func(damage spool.Damage) {
		d.say("the spool is damaged: %s; %d events are lost for sure", terminal.Printable(damage.Err.Error()), damage.Lost)
	})
	if err != nil {
		return false, err
	}
	if !d.anyTopic {
		strange, events, err := strangeTopics(cfg, sp)
		if err != nil || len(strange) > 0 {
			err = errors.Join(err, sp.Close())
		}
		switch {
		case err != nil:
			return false, err
		case len(strange) > 0:
			d.say("events are in topics that are not theirs by name: %s; if their publisher names them so (Config.TopicName), give -any-topic", topicList(strange))
			return false, d.print(onex.Ledger{Spooled: events})
		}
	}
	cfg.Spool, cfg.AnySpooledTopic = sp, d.anyTopic
	cfg.Logger = slog.New(slog.DiscardHandler) // it would say what the following do
	cfg.OnHealth = d.tellHealth
	cfg.OnLoss = func(l onex.Loss) {
		d.say("event %s is lost: %s: %s", l.EventID, l.Reason, terminal.Printable(fmt.Sprint(l.Err)))
	}
	pub, err := onex.NewPublisher(cfg, opts...)
	if err != nil {
		return false, errors.Join(err, sp.Close())
	}
	err = d.wait(ctx, pub)
	l := pub.Ledger()
	return l.Spooled+l.Lost == 0, errors.Join(err, d.print(l))
}

// print says what has become of all events.
func (d *drain) print(l onex.Ledger) error {
	if d.asJSON {
		return terminal.PrintJSON(d.Streams, struct {
			Delivered    int64 `json:"delivered"`
			DeadLettered int64 `json:"dead_lettered"`
			Left         int64 `json:"left"`
			Lost         int64 `json:"lost"`
		}{l.Delivered, l.DeadLettered, l.Spooled, l.Lost})
	}
	_, err := fmt.Fprintf(d.Out, "%d delivered, %d dead-lettered, %d left in the spool, %d lost\n", l.Delivered, l.DeadLettered, l.Spooled, l.Lost)
	return err
}

// wait closes the publisher, which is to wait until all is delivered.
func (d *drain) wait(ctx context.Context, pub *onex.Publisher) error {
	d.bar.Show(0)
	closed := make(chan error, 1)
	go func() { closed <- pub.Close(ctx) }()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-closed:
			d.mu.Lock()
			defer d.mu.Unlock()
			d.bar.Clear()
			var rest *onex.CloseError
			if errors.As(err, &rest) {
				return nil // the ledger says so
			}
			return err
		case <-tick.C:
			l := pub.Ledger()
			d.mu.Lock()
			d.bar.Show(l.Accepted - l.Spooled - l.InFlight)
			d.mu.Unlock()
		}
	}
}

// tellHealth says why nothing is delivered.
func (d *drain) tellHealth(h onex.Health) {
	if !h.Up && h.Cause != onex.CauseConnecting && h.Cause != onex.CauseClosed {
		d.say("nothing is delivered now: %s: %s", h.Cause, terminal.Printable(onex.MaskSecrets(fmt.Sprint(h.Err))))
	}
	for _, topic := range slices.Sorted(maps.Keys(h.Topics)) {
		d.say("topic %s takes nothing now: %s", terminal.Printable(topic), h.Topics[topic])
	}
}
