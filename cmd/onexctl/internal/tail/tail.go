package tail

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/cluster"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/command"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/events"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
	"github.com/omninode-ai/onexevents/runtime/topics"
)

// SetUp is for onexctl tail.
func SetUp(flags *flag.FlagSet) command.Action {
	opts := options{connection: cluster.Connection(flags)}
	flags.BoolVar(&opts.json, "json", false, "")
	flags.BoolVar(&opts.dlq, "dlq", false, "")
	flags.BoolVar(&opts.untilEnd, "until-end", false, "")
	flags.IntVar(&opts.last, "n", 0, "")
	flags.StringVar(&opts.since, "since", "", "")
	flags.StringVar(&opts.until, "until", "", "")
	flags.StringVar(&opts.correlation, "correlation", "", "")
	flags.StringVar(&opts.typ, "type", "", "")
	flags.StringVar(&opts.node, "node", "", "")
	command.UTC(flags)
	return func(ctx context.Context, s terminal.Streams, args []string) (bool, error) {
		t := tail{Streams: s, opts: opts, complete: true, out: bufio.NewWriter(s.Out), paint: terminal.NewPaint(s.Out)}
		return t.run(ctx, args)
	}
}

// tail shows records.
type tail struct {
	terminal.Streams
	opts    options
	wanted  filter
	letters topics.Letters
	begun   time.Time
	out     *bufio.Writer
	paint   terminal.Paint
	widths  events.Widths
	traces  events.Traces

	topics   []string  // that were read
	complete bool      // those are all
	isBehind bool      // the last events were shown, and now come new ones
	oldest   time.Time // of the records that were read
	seen     bool      // an event of the correlation
}

func (t *tail) run(ctx context.Context, args []string) (bool, error) {
	var err error
	if t.wanted, err = t.opts.filter(); err != nil {
		return false, err
	}
	t.begun = time.Now()
	from, err := t.opts.times(t.begun)
	if err != nil {
		return false, err
	}
	cfg, client, err := t.opts.connection()
	if err != nil {
		return false, err
	}
	t.letters = cluster.Letters(cfg)
	scope, err := t.opts.topics(from, cfg, args)
	if err != nil {
		return false, err
	}
	if t.opts.last > 0 {
		scope.Begin, err = t.showLast(ctx, client, scope)
		if err != nil || scope.ToEnd || ctx.Err() != nil {
			return t.end(err)
		}
	}
	_, err = t.read(ctx, client, scope, func(records []*kgo.Record) error { return t.print(t.choose(records)) })
	return t.end(err)
}

// read reads what is in scope, and returns what comes behind it.
func (t *tail) read(ctx context.Context, client []kgo.Opt, topics scope, each func([]*kgo.Record) error) (cluster.Begin, error) {
	reader, err := cluster.NewReader(ctx, client, topics.Scope, t.warn)
	if err != nil {
		return cluster.Begin{}, err
	}
	defer reader.Close()
	nothing := func() error { return reader.Nothing(topics.like, "the regular expression or -namespace") }
	err = nothing()
	switch {
	case err != nil && topics.ToEnd:
		return cluster.Begin{}, err
	case err != nil:
		t.say("there is no such topic yet (%v); dead letters are shown with -dlq", err)
	case !t.isBehind:
		if note := cluster.Unlisted(client); note != "" {
			t.say("%s", note)
		}
		t.say("%s to read", terminal.Counted(int64(len(reader.Topics())), "topic"))
	}
	err = errors.Join(reader.Read(ctx, each), nothing())
	t.topics = reader.Topics()
	return cluster.Begin{At: reader.Next}, err
}

// choose returns the events that are asked for, in the order of their times, as
// far as that is the order of their partitions.
func (t *tail) choose(records []*kgo.Record) []events.Event {
	chosen := make([]events.Event, 0, len(records))
	for _, r := range records {
		if t.oldest.IsZero() || r.Timestamp.Before(t.oldest) {
			t.oldest = r.Timestamp
		}
		e := events.New(r, t.letters)
		t.seen = t.seen || t.wanted.isOfCorrelation(e)
		if t.wanted.has(e) {
			chosen = append(chosen, e)
		}
	}
	sortByTime(chosen)
	return chosen
}

func sortByTime(all []events.Event) {
	slices.SortStableFunc(all, func(a, b events.Event) int { return a.At.Compare(b.At) })
}

func (t *tail) print(all []events.Event) error {
	for _, e := range all {
		if t.opts.json {
			t.out.Write(e.JSON())
			t.out.WriteByte('\n')
			continue
		}
		fmt.Fprintln(t.out, e.Line(t.paint, &t.widths))
		if t.opts.correlation != "" {
			t.traces.Add(e)
		}
	}
	return t.out.Flush()
}

// end draws what has been followed, and says how it went.
func (t *tail) end(err error) (bool, error) {
	for _, tree := range t.traces.Trees() {
		tree.Draw(t.out, t.paint)
	}
	if n := t.traces.LeftOut(); n > 0 {
		fmt.Fprintf(t.out, "%s more, which are left out\n", terminal.Counted(int64(n), "event"))
	}
	if err := errors.Join(err, t.out.Flush()); err != nil {
		return false, err
	}
	if !t.complete {
		return false, errors.New("not all could be read")
	}
	if t.opts.correlation != "" && !t.seen {
		t.say("correlation %s was not seen %s in %s: %s", t.opts.correlation, t.since(),
			terminal.Counted(int64(len(t.topics)), "topic"), cluster.Names(t.topics))
		return false, nil
	}
	return true, nil
}

// since says from when on events were read.
func (t *tail) since() string {
	at := t.oldest
	switch {
	case t.opts.since != "":
		at, _ = command.ParseSince(t.opts.since, t.begun) // it was read before
	case t.opts.isLive():
		at = t.begun
	case at.IsZero():
		return "where there is no event"
	}
	return "since " + at.Local().Format("2006-01-02 15:04:05 -07:00")
}

func (t *tail) say(format string, args ...any) { t.Say("onexctl tail", format, args...) }

func (t *tail) warn(err error) {
	t.complete = false
	t.say("%v", err)
}
