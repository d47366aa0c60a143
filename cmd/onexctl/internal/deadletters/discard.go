package deadletters

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/command"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
)

// SetUpDiscard is for onexctl dlq discard.
func SetUpDiscard(flags *flag.FlagSet) command.Action {
	opts := newSelective(flags)
	because := flags.String("because", "", "")
	yes := flags.Bool("yes", false, "")
	asJSON := flags.Bool("json", false, "")
	return func(ctx context.Context, s terminal.Streams, args []string) (bool, error) {
		if *yes && *because == "" {
			return false, command.Misuse("say why with -because; it is remembered")
		}
		d, letters, err := opts.inventory(ctx, s, "dlq discard", args)
		if err != nil {
			return false, err
		}
		letters = slices.DeleteFunc(letters, func(l *letter) bool { return d.markers.has(l) })
		r := &replay{dlq: d, asJSON: *asJSON, total: int64(len(letters))}
		if !*yes {
			return r.wouldDiscard(letters)
		}
		return r.discard(ctx, letters, *because)
	}
}

func (r *replay) wouldDiscard(letters []*letter) (bool, error) {
	if r.asJSON {
		for _, l := range letters {
			r.outcome(l, "would_discard", nil)
		}
	} else if err := r.table(r.Out, terminal.NewPaint(r.Out), letters, time.Now(), terminal.Width(r.Out)); err != nil {
		return false, err
	}
	r.conclude("%s would be discarded, with -because and -yes; %s", terminal.Counted(r.total, "dead letter"), r.read())
	return true, r.incomplete()
}

// discard remembers dead letters as done with.
func (r *replay) discard(ctx context.Context, letters []*letter, because string) (bool, error) {
	if r.total > 0 {
		if err := r.markers.create(ctx); err != nil {
			return false, err
		}
	}
	r.bar = terminal.NewProgress(r.Err, "discarding", r.total)
	topics := map[string][]*letter{}
	for _, l := range letters {
		topics[l.Topic] = append(topics[l.Topic], l)
	}
	for _, name := range slices.Sorted(maps.Keys(topics)) {
		if err := r.discardTopic(ctx, name, topics[name], because); err != nil {
			r.bar.Clear()
			r.say("%s: %v", name, err)
		}
	}
	r.bar.Clear()
	left := r.total - r.done
	r.conclude("%s discarded, %d left; %s", terminal.Counted(r.done, "dead letter"), left, r.read())
	return left == 0, r.incomplete()
}

func (r *replay) discardTopic(ctx context.Context, name string, letters []*letter, because string) error {
	t := &replayer{replay: r, id: transactionalID(name)}
	if err := t.renew(ctx); err != nil {
		return err
	}
	defer t.close()
	for some := range slices.Chunk(letters, batchLetters) {
		batch := make([]parcel, len(some))
		for i, l := range some {
			batch[i] = parcel{letter: l, mark: r.markers.discard(l, because)}
		}
		if err := t.deliver(ctx, batch); err != nil {
			return err
		}
	}
	return nil
}

// conclude prints how it went: for programs, beside what they read.
func (r *replay) conclude(format string, args ...any) {
	if r.asJSON {
		r.say(format, args...)
		return
	}
	fmt.Fprintf(r.Out, format+"\n", args...)
}
