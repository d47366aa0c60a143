package deadletters

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"strconv"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/cluster"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/command"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/wire"
)

// SetUpShow is for onexctl dlq show.
func SetUpShow(flags *flag.FlagSet) command.Action {
	opts := newDLQOptions(flags)
	asJSON := flags.Bool("json", false, "")
	command.UTC(flags)
	return func(ctx context.Context, s terminal.Streams, args []string) (bool, error) {
		if len(args) == 0 {
			return false, command.Misuse("there is no id; onexctl dlq list shows them")
		}
		d, err := opts.begin(ctx, s, "dlq show", args)
		if err != nil {
			return false, err
		}
		return d.show(ctx, *asJSON)
	}
}

// shownWhole are how many dead letters are shown at once.
const shownWhole = 20

// clipped is how much is shown of what has no form of its own.
const clipped = 100_000

// show prints dead letters whole, with what they have.
func (d *dlq) show(ctx context.Context, asJSON bool) (bool, error) {
	records := map[cluster.Position]*kgo.Record{}
	letters, err := d.letters(ctx, func(l *letter, r *kgo.Record) {
		if len(records) < shownWhole {
			records[l.Position] = &kgo.Record{Value: r.Value, Headers: r.Headers}
		}
	})
	if err != nil {
		return false, err
	}
	if rest := len(letters) - shownWhole; rest > 0 {
		d.say("%d more are not shown; name them by topic/partition/offset", rest)
	}
	out := bufio.NewWriter(d.Out)
	for i, l := range letters[:min(shownWhole, len(letters))] {
		if asJSON {
			out.Write(d.wholeJSON(l, records[l.Position]))
			out.WriteByte('\n')
			continue
		}
		if i > 0 {
			fmt.Fprintln(out)
		}
		d.showOne(out, l, records[l.Position])
	}
	d.say("%s", d.read())
	return true, errors.Join(out.Flush(), d.incomplete())
}

// wholeJSON is a dead letter with its data.
func (d *dlq) wholeJSON(l *letter, record *kgo.Record) []byte {
	line := d.line(l)
	for _, h := range record.Headers {
		line.Headers = append(line.Headers, header{h.Key, terminal.Clip(string(h.Value), clipped)})
	}
	if dead, _ := wire.DeadLetter(record.Value); dead != nil {
		line.Data, line.Reason = dead.OriginalData, dead.FailureReason
	}
	return line.json()
}

func (d *dlq) showOne(out *bufio.Writer, l *letter, record *kgo.Record) {
	line := func(name, text string) { fmt.Fprintf(out, "%-17s %s\n", name, terminal.Printable(text)) }
	line("dead letter", l.Position.String())
	if l.fault != nil {
		line("fault", l.fault.Error())
	}
	for _, h := range record.Headers {
		line("header", h.Key+": "+terminal.Clip(string(h.Value), clipped))
	}
	dead, _ := wire.DeadLetter(record.Value)
	if dead == nil {
		line("value", terminal.Clip(string(record.Value), clipped))
		return
	}
	line("original topic", dead.OriginalTopic)
	line("original key", dead.OriginalKey)
	line("failure reason", dead.FailureReason)
	line("failure timestamp", dead.FailureTimestamp.Local().Format("2006-01-02 15:04:05.000000 -07:00"))
	line("retry attempts", strconv.Itoa(dead.RetryAttempts))
	if why := d.markers.discarded[l.markerKey()]; why != "" {
		line("discarded", why)
	} else {
		line("replayed", map[bool]string{true: "yes", false: "no"}[d.markers.has(l)])
	}
	fmt.Fprintf(out, "%s\n", terminal.Indented(dead.OriginalData, ""))
}
