package tail

import (
	"bufio"
	"context"
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
	good := true
	reader, err := cluster.NewReader(ctx, client, cluster.Scope{Topics: topics, Begin: from, ToEnd: opts.untilEnd}, func(err error) {
		good = false
		fmt.Fprintf(s.Err, "onexctl tail: %v\n", err)
	})
	if err != nil {
		return false, err
	}
	defer reader.Close()
	if len(reader.Known) == 0 {
		fmt.Fprintln(s.Err, "onexctl tail: there is no such topic yet; dead letters are shown with -dlq")
	}
	t := tail{opts: opts, suffix: cfg.DeadLetterSuffix, wanted: wanted, out: bufio.NewWriter(s.Out), paint: terminal.NewPaint(s.Out)}
	err = reader.Read(ctx, t.show)
	t.end()
	if err == nil {
		err = t.out.Flush()
	}
	return good, err
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

// topics tells which topics are shown.
func (opts tailOptions) topics(cfg onex.Config, args []string) (func(string) bool, error) {
	pattern := "^" + regexp.QuoteMeta(cfg.Namespace+".")
	switch len(args) {
	case 0:
	case 1:
		pattern = args[0]
	default:
		return nil, command.Misuse("%d arguments are too many; join the regular expressions for topics with |", len(args))
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, command.Misuse("%q is no regular expression for topics: %v", pattern, err)
	}
	return func(name string) bool {
		return re.MatchString(name) && (opts.dlq || !strings.HasSuffix(name, cfg.DeadLetterSuffix))
	}, nil
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
}

// show shows what came together in the order of the events' times, as far as
// that is the order of their partitions.
func (t *tail) show(records []*kgo.Record) error {
	shown := make([]event, 0, len(records))
	for _, r := range records {
		if e := newEvent(r, t.suffix); t.wanted.has(e) {
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
}
