package trace

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/cluster"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/command"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/events"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
	"github.com/omninode-ai/onexevents/runtime/topics"
)

// options are the flags.
type options struct {
	connection   cluster.Settings
	topic, since string
	json         bool
	html         string
}

// SetUp is for onexctl trace.
func SetUp(flags *flag.FlagSet) command.Action {
	opts := &options{connection: cluster.Connection(flags)}
	flags.StringVar(&opts.topic, "topic", "", "")
	flags.StringVar(&opts.since, "since", "", "")
	flags.BoolVar(&opts.json, "json", false, "")
	flags.StringVar(&opts.html, "html", "", "")
	command.UTC(flags)
	return opts.run
}

func (opts *options) run(ctx context.Context, s terminal.Streams, args []string) (bool, error) {
	if len(args) != 1 {
		return false, command.Misuse("name one correlation id, and not %d", len(args))
	}
	digits, ok := command.IDDigits(args[0])
	if !ok {
		return false, command.Misuse("%q is no id; write a UUID, or at least its first %d digits", args[0], command.FewestDigits)
	}
	f := finder{Streams: s, digits: digits, topics: map[string]bool{}, complete: true}
	if err := f.read(ctx, opts); err != nil {
		return false, err
	}
	trees := f.traces.Trees()
	switch {
	case len(trees) == 0 && !f.complete:
		return false, errors.New("not all could be read, and it was not in the rest")
	case len(trees) == 0:
		names := f.names()
		return false, command.Absent("correlation %s was not seen %s in %s: %s", args[0], f.sinceWhen(), terminal.Counted(int64(len(names)), "topic"), cluster.Names(names))
	case len(trees) > 1:
		ids := make([]string, len(trees))
		for i, t := range trees {
			ids[i] = t.Correlation().String()
		}
		return false, command.Misuse("%d correlations begin with %s; write more of one of them: %s", len(trees), args[0], cluster.Names(ids))
	}
	if n := f.traces.LeftOut(); n > 0 {
		f.say("%s more, which are left out", terminal.Counted(int64(n), "event"))
	}
	if err := opts.print(s, trees[0]); err != nil {
		return false, err
	}
	if !f.complete {
		return false, errors.New("not all could be read")
	}
	return true, nil
}

func (opts *options) print(s terminal.Streams, t *events.Tree) error {
	if opts.html != "" {
		if err := writeFile(opts.html, func(w io.Writer) error { return page(w, t) }); err != nil {
			return fmt.Errorf("write the page: %w", err)
		}
	}
	out := bufio.NewWriter(s.Out)
	switch {
	case opts.json:
		lines(out, t)
	case opts.html == "":
		waterfall(out, t, terminal.NewPaint(s.Out), terminal.Width(s.Out))
	}
	return out.Flush()
}

// writeFile makes a file, or leaves none that is not whole.
func writeFile(name string, write func(io.Writer) error) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(f)
	if err := errors.Join(write(out), out.Flush(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
}

// finder finds the events of a correlation.
type finder struct {
	terminal.Streams
	digits   string
	traces   events.Traces
	topics   map[string]bool // that were read
	letters  topics.Letters  // how those of dead letters are called
	complete bool
	since    time.Time // of the records that were read
}

func (f *finder) say(format string, args ...any) { f.Say("onexctl trace", format, args...) }

func (f *finder) read(ctx context.Context, opts *options) error {
	cfg, client, err := opts.connection()
	if err != nil {
		return err
	}
	f.letters = cluster.Letters(cfg)
	pattern, like, flags := cluster.Pattern(cfg), "begins with "+cfg.Namespace+".", "-namespace"
	if opts.topic != "" {
		pattern, like, flags = opts.topic, "matches "+opts.topic, "-topic"
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return command.Misuse("-topic: %q is no regular expression: %v", pattern, err)
	}
	scope := cluster.Scope{Topics: re.MatchString, Named: cluster.NameIn(pattern), ToEnd: true, Related: func(name string) string {
		if event, isLetters := f.letters.Topic(name); isLetters {
			return event
		}
		return ""
	}}
	if opts.since != "" {
		if f.since, err = command.ParseSince(opts.since, time.Now()); err != nil {
			return command.Misuse("-since: %v", err)
		}
		scope.Begin.Since = f.since
	}
	reader, err := cluster.NewReader(ctx, client, scope, func(err error) {
		f.complete = false
		f.say("%v", err)
	})
	if err != nil {
		return err
	}
	defer reader.Close()
	if err := reader.Nothing(like, flags); err != nil {
		return err
	}
	err = reader.Read(ctx, f.take)
	for _, name := range reader.Topics() {
		f.topics[name] = true
	}
	if note := cluster.Unlisted(client); note != "" {
		f.say("%s", note)
	}
	f.say("%s read", terminal.Counted(int64(len(f.topics)), "topic"))
	return errors.Join(err, ctx.Err())
}

func (f *finder) take(records []*kgo.Record) error {
	for _, r := range records {
		if f.since.IsZero() || r.Timestamp.Before(f.since) {
			f.since = r.Timestamp
		}
		if e := events.New(r, f.letters); e.Env != nil && e.Env.CorrelationID != uuid.Nil && command.BeginsWith(e.Env.CorrelationID, f.digits) {
			f.traces.Add(e)
		}
	}
	return nil
}

func (f *finder) names() (all []string) {
	for name := range f.topics {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

func (f *finder) sinceWhen() string {
	if f.since.IsZero() {
		return "where there is no event"
	}
	return "since " + f.since.Local().Format("2006-01-02 15:04:05 -07:00")
}

// Complete completes topics, and the ids of recent correlations.
func Complete(ctx context.Context, flags *flag.FlagSet, name string) []string {
	switch name {
	case "topic":
		return cluster.Complete(ctx, flags)
	case "":
		return events.Recent(ctx, flags)
	default:
		return nil
	}
}
