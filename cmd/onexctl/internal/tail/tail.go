package tail

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/cluster"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/command"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
	onex "github.com/omninode-ai/onexevents/runtime"
)

// tailOptions are the flags of tail.
type tailOptions struct {
	connection  cluster.Settings
	json        bool
	dlq         bool
	untilEnd    bool
	since       string
	correlation string
	typ, node   string
}

// SetUp is for onexctl tail.
func SetUp(flags *flag.FlagSet) command.Action {
	opts := tailOptions{connection: cluster.Connection(flags)}
	flags.BoolVar(&opts.json, "json", false, "")
	flags.BoolVar(&opts.dlq, "dlq", false, "")
	flags.BoolVar(&opts.untilEnd, "until-end", false, "")
	flags.StringVar(&opts.since, "since", "", "")
	flags.StringVar(&opts.correlation, "correlation", "", "")
	flags.StringVar(&opts.typ, "type", "", "")
	flags.StringVar(&opts.node, "node", "", "")
	return func(ctx context.Context, s terminal.Streams, args []string) (bool, error) {
		return opts.run(ctx, s, args)
	}
}

func (opts tailOptions) run(ctx context.Context, s terminal.Streams, args []string) (bool, error) {
	wanted, err := opts.filter()
	if err != nil {
		return false, err
	}
	from, err := opts.begin(time.Now())
	if err != nil {
		return false, err
	}
	cfg, client, err := opts.connection()
	if err != nil {
		return false, err
	}
	topics, err := opts.topics(cfg, args)
	if err != nil {
		return false, err
	}
	say := func(format string, args ...any) { s.Say("onexctl tail", format, args...) }
	complete := true
	topics.Begin, topics.ToEnd = from, opts.untilEnd
	begun := time.Now()
	reader, err := cluster.NewReader(ctx, client, topics.Scope, func(err error) {
		complete = false
		say("%v", err)
	})
	if err != nil {
		return false, err
	}
	defer reader.Close()
	nothing := func() error { return reader.Nothing(topics.like, "the regular expression or -namespace") }
	if err := nothing(); err != nil && opts.untilEnd {
		return false, err
	} else if err != nil {
		say("there is no such topic yet (%v); dead letters are shown with -dlq", err)
	} else {
		say("%s to read", terminal.Counted(int64(len(reader.Topics())), "topic"))
	}
	t := tail{opts: opts, suffix: cfg.DeadLetterSuffix, wanted: wanted, out: bufio.NewWriter(s.Out), paint: terminal.NewPaint(s.Out)}
	err = reader.Read(ctx, t.show)
	t.end()
	if err := errors.Join(err, t.out.Flush(), nothing()); err != nil {
		return false, err
	}
	if !complete {
		return false, errors.New("not all could be read")
	}
	if opts.correlation != "" && !t.seen {
		say("correlation %s was not seen %s in %s: %s", opts.correlation, t.since(from, begun),
			terminal.Counted(int64(len(reader.Topics())), "topic"), cluster.Names(reader.Topics()))
		return false, nil
	}
	return true, nil
}

// since says from when on events were read.
func (t *tail) since(from cluster.Begin, begun time.Time) string {
	at := t.oldest
	switch {
	case !from.Since.IsZero():
		at = from.Since
	case from.AtEnd:
		at = begun
	case at.IsZero():
		return "where there is no event"
	}
	return "since " + at.Local().Format("2006-01-02 15:04:05 -07:00")
}

// begin is the end of what there is, if nothing is said.
func (opts tailOptions) begin(now time.Time) (cluster.Begin, error) {
	switch {
	case opts.since != "":
		since, err := command.ParseSince(opts.since, now)
		if err != nil {
			return cluster.Begin{}, command.Misuse("-since: %v", err)
		}
		return cluster.Begin{Since: since}, nil
	default:
		return cluster.Begin{AtEnd: !opts.untilEnd}, nil
	}
}

// shownTopics are those that are shown, and what they are like in words.
type shownTopics struct {
	cluster.Scope
	like string
}

func (opts tailOptions) topics(cfg onex.Config, args []string) (shownTopics, error) {
	pattern, like := "^"+regexp.QuoteMeta(cfg.Namespace+"."), "begins with "+terminal.Printable(cfg.Namespace)+"."
	switch len(args) {
	case 0:
	case 1:
		pattern, like = args[0], "matches "+terminal.Printable(args[0])
	default:
		return shownTopics{}, command.Misuse("%d arguments are too many; join the regular expressions for topics with |", len(args))
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return shownTopics{}, command.Misuse("%q is no regular expression for topics: %v", pattern, err)
	}
	return shownTopics{cluster.Scope{
		Topics: func(name string) bool {
			return re.MatchString(name) && (opts.dlq || !strings.HasSuffix(name, cfg.DeadLetterSuffix))
		},
		Named: cluster.NameIn(pattern),
		Related: func(name string) string {
			if event, isLetters := strings.CutSuffix(name, cfg.DeadLetterSuffix); isLetters {
				return event
			}
			return name + cfg.DeadLetterSuffix
		},
	}, like}, nil
}

// tail shows records.
type tail struct {
	opts   tailOptions
	suffix string
	wanted filter
	out    *bufio.Writer
	paint  terminal.Paint
	widths terminal.Widths
	traces traces
	oldest time.Time // of the records that were read
	seen   bool      // an event of the correlation
}

// show shows what came together in the order of the events' times, as far as
// that is the order of their partitions.
func (t *tail) show(records []*kgo.Record) error {
	shown := make([]event, 0, len(records))
	for _, r := range records {
		if t.oldest.IsZero() || r.Timestamp.Before(t.oldest) {
			t.oldest = r.Timestamp
		}
		e := newEvent(r, t.suffix)
		t.seen = t.seen || t.wanted.isOfCorrelation(e)
		if t.wanted.has(e) {
			shown = append(shown, e)
		}
	}
	slices.SortStableFunc(shown, func(a, b event) int { return a.at.Compare(b.at) })
	for _, e := range shown {
		if t.opts.json {
			t.out.Write(e.json())
			t.out.WriteByte('\n')
			continue
		}
		fmt.Fprintln(t.out, e.line(t.paint, &t.widths))
		if t.opts.correlation != "" {
			t.traces.add(e)
		}
	}
	return t.out.Flush()
}

// end draws what has been followed.
func (t *tail) end() {
	for _, tree := range t.traces.trees() {
		tree.draw(t.out, t.paint)
	}
	if n := t.traces.leftOut(); n > 0 {
		fmt.Fprintf(t.out, "%s more, which are left out\n", terminal.Counted(int64(n), "event"))
	}
}
