package check

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/catalog"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/cluster"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/command"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
	onex "github.com/omninode-ai/onexevents/runtime"
)

// checkOptions are the flags of check.
type checkOptions struct {
	connection cluster.Settings
	chosen     *catalog.Chosen
	wait, json bool
	timeout    time.Duration
}

// SetUp is for onexctl check.
func SetUp(flags *flag.FlagSet) command.Action {
	opts := &checkOptions{connection: cluster.Connection(flags), chosen: catalog.Choose(flags)}
	flags.BoolVar(&opts.wait, "wait", false, "")
	flags.BoolVar(&opts.json, "json", false, "")
	flags.DurationVar(&opts.timeout, "timeout", 10*time.Second, "")
	return opts.run
}

func (opts *checkOptions) run(ctx context.Context, s terminal.Streams, args []string) (bool, error) {
	if len(args) > 0 {
		return false, command.Misuse("argument %q is too much; catalogs are given with -f, topics with -topic", args[0])
	}
	if opts.timeout <= 0 {
		return false, command.Misuse("-timeout: %v is no time to wait", opts.timeout)
	}
	cfg, client, err := opts.connection()
	if err != nil {
		return false, err
	}
	var topics []string
	if !opts.chosen.IsNone() {
		if topics, err = opts.chosen.Topics(s.In, cfg.Namespace, cfg.Profile == onex.Profile2); err != nil {
			return false, err
		}
		topics = withLetters(topics, cfg)
	}
	limited, cancel := context.WithTimeout(ctx, opts.timeout)
	defer cancel()
	found, err := examine(limited, cfg, client, topics)
	if opts.wait && err == nil {
		found, err = wait(limited, found, s, func() (findings, error) { return examine(limited, cfg, client, topics) })
	}
	switch {
	case err != nil:
		return false, err
	case ctx.Err() != nil:
		return false, fmt.Errorf("it was interrupted: %w", ctx.Err())
	case opts.json:
		return found.isWell(), terminal.PrintJSON(s, found)
	default:
		_, err := fmt.Fprint(s.Out, found)
		return found.isWell(), err
	}
}

// betweenChecks is how long -wait rests between two looks.
const betweenChecks = 500 * time.Millisecond

// wait looks again until all is well or the time is over, and says what it waits
// for.
func wait(ctx context.Context, found findings, s terminal.Streams, examine func() (findings, error)) (findings, error) {
	for said := ""; !found.isWell(); {
		if reason := found.reason(); reason != said {
			said = reason
			s.Say("onexctl check", "waiting: %s", reason)
		}
		select {
		case <-time.After(betweenChecks):
		case <-ctx.Done():
			return found, nil
		}
		next, err := examine()
		if err != nil {
			return found, err
		}
		if ctx.Err() == nil || next.isWell() { // else it only says that the time is over
			found = next
		}
	}
	return found, nil
}

// withLetters returns the topics with those of their dead letters.
func withLetters(topics []string, cfg onex.Config) []string {
	var all []string
	seen := map[string]bool{}
	add := func(topic string) {
		if !seen[topic] {
			seen[topic] = true
			all = append(all, topic)
		}
	}
	for _, topic := range topics {
		add(topic)
		if letters := cluster.Letters(cfg); !cfg.NoDeadLetters && !letters.Are(topic) {
			add(letters.Of(topic))
		}
	}
	return all
}

// examine finds out how things are. It returns an error if no publisher can be
// made with such settings.
func examine(ctx context.Context, cfg onex.Config, opts []kgo.Opt, topics []string) (findings, error) {
	health, err := healthOf(ctx, cfg, opts)
	if err != nil {
		return findings{}, err
	}
	found := findings{Up: health.Up, fault: faultOf(health.Cause, health.Err)}
	client, err := kgo.NewClient(append(cluster.Limits(), opts...)...)
	if err != nil {
		return findings{}, err
	}
	defer client.Close()
	found.Asked, _ = client.OptValue(kgo.SeedBrokers).([]string)
	if found.Up {
		found.examineBrokers(ctx, client)
	}
	if len(found.Brokers) > 0 { // also if the user may write nowhere
		found.examineTopics(ctx, client, topics)
	}
	return found, nil
}

// healthOf returns the health that a publisher comes to: whether it is up, or
// the first reason that it finds for not being so.
func healthOf(ctx context.Context, cfg onex.Config, opts []kgo.Opt) (onex.Health, error) {
	changes := make(chan onex.Health, 1)
	cfg.Logger = slog.New(slog.DiscardHandler)
	cfg.OnHealth = func(h onex.Health) {
		select {
		case changes <- h:
		default:
		}
	}
	pub, err := onex.NewPublisher(cfg, opts...)
	if err != nil {
		return onex.Health{}, err
	}
	ended, end := context.WithCancel(context.Background())
	end()
	defer pub.Close(ended) // it has no events
	select {
	case h := <-changes:
		return h, nil
	case <-ctx.Done():
		return pub.Health(), nil
	}
}
