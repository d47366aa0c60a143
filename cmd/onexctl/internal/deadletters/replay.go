package deadletters

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"slices"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/cluster"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/command"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
)

// SetUpReplay is for onexctl dlq replay.
func SetUpReplay(flags *flag.FlagSet) command.Action {
	opts := newDLQOptions(flags)
	all := flags.Bool("all", false, "")
	right := map[string]bool{}
	flags.Func("letter", "", func(position string) error {
		right[position] = true
		if !isPosition(position) {
			return errors.New("it is not of the form topic/partition/offset")
		}
		return nil
	})
	dryRun := flags.Bool("dry-run", false, "")
	return func(ctx context.Context, s terminal.Streams, args []string) (bool, error) {
		isSelective := len(args) > 0 || len(right) > 0 || opts.topic != "" || opts.reason != "" || opts.since != ""
		if isSelective == *all {
			return false, command.Misuse("say which dead letters: by ids, -letter, -topic, -reason and -since, or else -all")
		}
		d, err := opts.begin(ctx, s, "dlq replay", append(slices.Sorted(maps.Keys(right)), args...))
		if err != nil {
			return false, err
		}
		d.selection.right = right
		letters, err := d.inventory(ctx)
		if err != nil {
			return false, err
		}
		r := &replay{dlq: d, wanted: map[string]map[cluster.Position]bool{}}
		r.sort(letters)
		if err := d.compare(ctx, letters); err != nil {
			return false, err
		}
		if *dryRun {
			return r.dry(letters)
		}
		return r.run(ctx)
	}
}

// replay publishes dead letters again.
type replay struct {
	*dlq
	wanted     map[string]map[cluster.Position]bool // of each dead-letter topic, to be replayed
	before     int64                                // replayed before, or the same event as another
	unreadable []*letter
	refused    int64
	total      int64
	done       int64
	bar        *terminal.Progress
}

// sort finds out which there is something to do about.
func (r *replay) sort(letters []*letter) {
	events := map[string]bool{}
	for _, l := range letters {
		switch {
		case r.markers.has(l), l.fault == nil && events[l.event()]:
			r.before++
		case l.fault != nil:
			r.unreadable = append(r.unreadable, l)
		default:
			events[l.event()] = true
			if r.wanted[l.Topic] == nil {
				r.wanted[l.Topic] = map[cluster.Position]bool{}
			}
			r.wanted[l.Topic][l.Position] = true
			r.total++
		}
	}
	for _, l := range r.unreadable {
		r.say("%s cannot be replayed: %s", terminal.Printable(l.Position.String()), terminal.Printable(l.fault.Error()))
	}
}

// dry prints what would be done.
func (r *replay) dry(letters []*letter) (bool, error) {
	var w terminal.Widths
	for _, l := range letters {
		if r.wanted[l.Topic][l.Position] {
			fmt.Fprintln(r.Out, l.line(terminal.NewPaint(r.Out), &w))
		}
	}
	fmt.Fprintf(r.Out, "%s would be replayed; %d replayed before, %d cannot be; %s\n", terminal.Counted(r.total, "event"), r.before, len(r.unreadable), r.read())
	return len(r.unreadable) == 0, r.incomplete()
}

// run replays what is wanted, one dead-letter topic after the other. What
// cannot be done on one does not keep the others from it.
func (r *replay) run(ctx context.Context) (bool, error) {
	var failure error
	if r.total > 0 {
		if err := r.markers.create(ctx); err != nil {
			return false, err
		}
	}
	r.bar = terminal.NewProgress(r.Err, "replaying", r.total)
	for _, topic := range slices.Sorted(maps.Keys(r.wanted)) {
		if err := r.topic(ctx, topic); err != nil {
			r.bar.Clear()
			if ctx.Err() != nil {
				r.say("interrupted; what is left stays where it is")
				break
			}
			r.say("%s: %v", terminal.Printable(topic), err)
			failure = errors.Join(failure, err)
		}
	}
	r.bar.Clear()
	left := r.total - r.done - r.refused
	fmt.Fprintf(r.Out, "%s replayed; %d replayed before, %d refused again, %d cannot be, %d left; %s\n",
		terminal.Counted(r.done, "event"), r.before, r.refused, len(r.unreadable), left, r.read())
	return left+r.refused+int64(len(r.unreadable)) == 0, r.incomplete()
}

// refuse notes that a dead letter stays what it is.
func (r *replay) refuse(l *letter, err error) {
	r.refused++
	r.bar.Clear()
	r.say("%s is refused again: %s", terminal.Printable(l.env.EventID.String()), terminal.Printable(err.Error()))
}
