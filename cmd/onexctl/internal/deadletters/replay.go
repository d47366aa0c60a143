package deadletters

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/cluster"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/command"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
)

// selective are the flags of commands that have to be told which dead letters they
// are about.
type selective struct {
	*dlqOptions
	all   *bool
	right map[string]bool
}

func newSelective(flags *flag.FlagSet) *selective {
	opts := &selective{newDLQOptions(flags), flags.Bool("all", false, ""), map[string]bool{}}
	flags.Func("letter", "", func(position string) error {
		opts.right[position] = true
		if !isPosition(position) {
			return errors.New("it is not of the form topic/partition/offset")
		}
		return nil
	})
	return opts
}

// inventory returns the dead letters that are selected.
func (opts *selective) inventory(ctx context.Context, s terminal.Streams, name string, args []string) (*dlq, []*letter, error) {
	isSelective := len(args) > 0 || len(opts.right) > 0 || opts.topic != "" || opts.reason != "" || opts.since != ""
	if isSelective == *opts.all {
		return nil, nil, command.Misuse("say which dead letters: by ids, -letter, -topic, -reason and -since, or else -all")
	}
	d, err := opts.begin(ctx, s, name, append(slices.Sorted(maps.Keys(opts.right)), args...))
	if err != nil {
		return nil, nil, err
	}
	d.selection.right = opts.right
	letters, err := d.inventory(ctx)
	return d, letters, err
}

// SetUpReplay is for onexctl dlq replay.
func SetUpReplay(flags *flag.FlagSet) command.Action {
	opts := newSelective(flags)
	dryRun := flags.Bool("dry-run", false, "")
	rate := flags.Int("rate", 0, "")
	asJSON := flags.Bool("json", false, "")
	return func(ctx context.Context, s terminal.Streams, args []string) (bool, error) {
		if *rate < 0 {
			return false, command.Misuse("-rate: %d is no number of events", *rate)
		}
		d, letters, err := opts.inventory(ctx, s, "dlq replay", args)
		if err != nil {
			return false, err
		}
		r := &replay{dlq: d, asJSON: *asJSON, rate: *rate, wanted: map[string]map[cluster.Position]bool{}}
		letters = r.sort(letters)
		if !*asJSON {
			if err := d.compare(ctx, letters); err != nil {
				return false, err
			}
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
	asJSON     bool
	rate       int                                  // events in a second; 0 is no limit
	next       time.Time                            // when there may be more
	wanted     map[string]map[cluster.Position]bool // of each dead-letter topic, to be replayed
	before     int64                                // replayed before, or the same event as another
	discarded  int64                                // of those that were named
	unreadable []*letter
	refused    int64
	total      int64
	done       int64
	bar        *terminal.Progress
}

// sort finds out which there is something to do about, and returns those that were
// not discarded.
func (r *replay) sort(letters []*letter) (kept []*letter) {
	events := map[string]bool{}
	for _, l := range letters {
		if why := r.markers.discarded[l.markerKey()]; why != "" {
			if len(r.selection.ids)+len(r.selection.right) > 0 { // it was named, and not only among all
				r.discarded++
				r.outcome(l, "discarded", errors.New(why))
			}
			continue
		}
		kept = append(kept, l)
		switch {
		case r.markers.has(l), l.fault == nil && events[l.event()]:
			r.before++
			r.outcome(l, "replayed_before", nil)
		case l.fault != nil:
			r.unreadable = append(r.unreadable, l)
			r.outcome(l, "cannot_be", l.fault)
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
		r.say("%s cannot be replayed: %v", l.Position, l.fault)
	}
	return kept
}

// others says how many were replayed before, and how many were discarded.
func (r *replay) others() string {
	text := fmt.Sprintf("%d replayed before", r.before)
	if r.discarded > 0 {
		text += fmt.Sprintf(", %d discarded", r.discarded)
	}
	return text
}

// outcome prints, for programs, what has become of a dead letter.
func (r *replay) outcome(l *letter, result string, err error) {
	if !r.asJSON {
		return
	}
	line := struct {
		DeadLetter string     `json:"dead_letter"`
		EventID    *uuid.UUID `json:"event_id"`
		Result     string     `json:"result"`
		Error      string     `json:"error,omitempty"`
	}{DeadLetter: l.Position.String(), Result: result}
	if l.env != nil {
		line.EventID = &l.env.ID
	}
	if err != nil {
		line.Error = err.Error()
	}
	text, err := json.Marshal(line)
	if err != nil {
		panic(err) // these types have a JSON form
	}
	fmt.Fprintf(r.Out, "%s\n", terminal.EscapeJSON(text))
}

// dry prints what would be done.
func (r *replay) dry(letters []*letter) (bool, error) {
	letters = slices.DeleteFunc(letters, func(l *letter) bool { return !r.wanted[l.Topic][l.Position] })
	if r.asJSON {
		for _, l := range letters {
			r.outcome(l, "would_replay", nil)
		}
	} else if err := r.table(r.Out, terminal.NewPaint(r.Out), letters, time.Now(), terminal.Width(r.Out)); err != nil {
		return false, err
	}
	r.conclude("%s would be replayed; %s, %d cannot be; %s", terminal.Counted(r.total, "event"), r.others(), len(r.unreadable), r.read())
	return len(r.unreadable) == 0, r.incomplete()
}

// run replays what is wanted, one dead-letter topic after the other. What
// cannot be done on one does not keep the others from it.
func (r *replay) run(ctx context.Context) (bool, error) {
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
			r.say("%s: %v", topic, err)
		}
	}
	r.bar.Clear()
	left := r.total - r.done - r.refused
	r.conclude("%s replayed; %s, %d refused again, %d cannot be, %d left; %s",
		terminal.Counted(r.done, "event"), r.others(), r.refused, len(r.unreadable), left, r.read())
	return left+r.refused+int64(len(r.unreadable)) == 0, r.incomplete()
}

// refuse notes that a dead letter stays what it is.
func (r *replay) refuse(l *letter, err error) {
	r.refused++
	r.bar.Clear()
	r.outcome(l, "refused", err)
	r.say("%s is refused again: %v", l.env.ID, err)
}
