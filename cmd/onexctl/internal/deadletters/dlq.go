package deadletters

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/cluster"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/command"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
	onex "github.com/omninode-ai/onexevents/runtime"
)

// dlqOptions are the flags of the commands for dead letters.
type dlqOptions struct {
	connection    cluster.Settings
	topic, reason string
	since         string
	markers       string // the topic that remembers what was replayed
}

func newDLQOptions(flags *flag.FlagSet) *dlqOptions {
	opts := &dlqOptions{connection: cluster.Connection(flags)}
	flags.StringVar(&opts.topic, "topic", "", "")
	flags.StringVar(&opts.reason, "reason", "", "")
	flags.StringVar(&opts.since, "since", "", "")
	flags.StringVar(&opts.markers, "markers", "onexctl.replayed", "")
	return opts
}

// dlq is one run of a command for dead letters.
type dlq struct {
	terminal.Streams
	cfg       onex.Config
	opts      []kgo.Opt
	ours      *regexp.Regexp // topics
	selection selection
	markers   *markers
	name      string
	versions  versions
	topics    []string // that were read whole
	complete  bool     // those are all there are
}

// begin reads the flags, and what was replayed before.
func (opts *dlqOptions) begin(ctx context.Context, s terminal.Streams, name string, ids []string) (*dlq, error) {
	d := &dlq{Streams: s, name: name, versions: newVersions(), complete: true}
	var err error
	if d.selection, err = opts.selection(ids, time.Now()); err != nil {
		return nil, err
	}
	if d.cfg, d.opts, err = opts.connection(); err != nil {
		return nil, err
	}
	if strings.HasPrefix(opts.markers, "__") {
		return nil, command.Misuse("-markers: %s is Kafka's own", opts.markers)
	}
	if opts.markers == "" {
		return nil, command.Misuse("-markers: a topic needs a name")
	}
	d.markers = newMarkers(opts.markers, d.opts, d.warn)
	if err := d.markers.catchUp(ctx, false); err != nil {
		d.warn(err) // the dead letters can be seen nevertheless
	}
	return d, ctx.Err()
}

func (d *dlq) warn(err error) {
	d.complete = false
	d.say("%v", err)
}

// incomplete is the error if there may be dead letters that could not be read.
func (d *dlq) incomplete() error {
	if d.complete {
		return nil
	}
	return errors.New("not all could be read that may be there")
}

func (d *dlq) say(format string, args ...any) {
	d.Say("onexctl "+d.name, format, args...)
}

// isTopic tells whether a topic has dead letters that are asked for.
func (d *dlq) isTopic(name string) bool {
	if !cluster.Letters(d.cfg).Are(name) {
		return false
	}
	if re := d.selection.topic; re != nil {
		return re.MatchString(name)
	}
	return d.ours.MatchString(name)
}

// lettersOf is the topic of a topic's dead letters.
func (d *dlq) lettersOf(topic string) string {
	if cluster.Letters(d.cfg).Are(topic) {
		return ""
	}
	return cluster.Letters(d.cfg).Of(topic)
}

// like says what the topics are like that are asked for, and which flags say so.
func (d *dlq) like() (like, flags string) {
	if re := d.selection.topic; re != nil {
		return fmt.Sprintf("matches %s and ends with %s", terminal.Printable(re.String()), terminal.Printable(d.cfg.DeadLetterSuffix)),
			"-topic and -dlq-suffix"
	}
	return fmt.Sprintf("begins with %s. and ends with %s", terminal.Printable(d.cfg.Namespace), terminal.Printable(d.cfg.DeadLetterSuffix)),
		"-namespace and -dlq-suffix"
}

// read says how many topics were read.
func (d *dlq) read() string { return terminal.Counted(int64(len(d.topics)), "topic") + " read" }

// letters reads the dead letters that there are now, gives those that are selected
// to each with their records, and returns them.
func (d *dlq) letters(ctx context.Context, each func(*letter, *kgo.Record)) ([]*letter, error) {
	var letters []*letter
	err := d.scan(ctx, func(l *letter, r *kgo.Record) {
		if d.markers.discarded[l.markerKey()] == "" {
			d.versions.add(l)
		}
		if d.selection.has(l) {
			letters = append(letters, l)
			each(l, r)
		}
	})
	if err != nil {
		return nil, err
	}
	for _, l := range letters {
		if rivals := d.versions.rivals(l); (len(rivals) > 0 || d.markers.contradict(l)) && !d.markers.has(l) && !d.selection.right[l.Position.String()] {
			l.fault = &rivalry{rivals}
		}
		if l.fault == nil && l.letter.Consumers && len(d.selection.ids) == 0 && !d.markers.has(l) {
			l.fault = errShared
		}
	}
	return letters, d.selection.check(letters)
}

// scan gives all dead letters that there are now to each.
func (d *dlq) scan(ctx context.Context, each func(*letter, *kgo.Record)) error {
	d.ours = regexp.MustCompile(cluster.Pattern(d.cfg))
	reader, err := cluster.NewReader(ctx, d.opts, cluster.Scope{Topics: d.isTopic, Named: d.selection.named, Related: d.lettersOf, ToEnd: true}, d.warn)
	if err != nil {
		return err
	}
	defer reader.Close()
	if note := cluster.Unlisted(d.opts); note != "" {
		d.say("%s", note)
	}
	if err := reader.Nothing(d.like()); err != nil {
		return err
	}
	err = reader.Read(ctx, func(records []*kgo.Record) error {
		for _, r := range records {
			id, _ := reader.ID(r.Topic)
			each(newLetter(r, id, cluster.Letters(d.cfg)), r)
		}
		return nil
	})
	d.topics = reader.Topics()
	if err == nil {
		err = ctx.Err()
	}
	return err
}

// selection says which dead letters a command is about.
type selection struct {
	ids           []string        // event ids, beginnings of them, or positions; none means all
	right         map[string]bool // positions of dead letters that are right where others differ
	topic, reason *regexp.Regexp
	named         []string // the topic, if its name was given
	since         time.Time
}

func (opts *dlqOptions) selection(ids []string, now time.Time) (selection, error) {
	s := selection{ids: ids}
	var err error
	if opts.topic != "" {
		if s.topic, err = regexp.Compile(opts.topic); err != nil {
			return s, command.Misuse("-topic: %q is no regular expression: %v", opts.topic, err)
		}
		s.named = cluster.NameIn(opts.topic)
	}
	if opts.reason != "" {
		if s.reason, err = regexp.Compile(opts.reason); err != nil {
			return s, command.Misuse("-reason: %q is no regular expression: %v", opts.reason, err)
		}
	}
	if opts.since != "" {
		if s.since, err = command.ParseSince(opts.since, now); err != nil {
			return s, command.Misuse("-since: %v", err)
		}
	}
	for i, id := range ids {
		if digits, ok := command.IDDigits(id); ok {
			s.ids[i] = digits
		} else if !isPosition(id) {
			return s, command.Misuse("%q is no id; write an event id, at least its first %d digits, or topic/partition/offset", id, command.FewestDigits)
		}
	}
	return s, nil
}

func isPosition(text string) bool {
	parts := strings.Split(text, "/")
	return len(parts) == 3 && slices.IndexFunc(parts[1:], func(n string) bool {
		_, err := strconv.ParseUint(n, 10, 63)
		return err != nil
	}) < 0
}

func (s selection) has(l *letter) bool {
	if s.reason != nil && !s.reason.MatchString(l.reason()) || l.at.Before(s.since) {
		return false
	}
	return len(s.ids) == 0 || slices.ContainsFunc(s.ids, l.isCalled)
}

// check reports the ids for which there was nothing, or more than one event.
func (s selection) check(letters []*letter) error {
	for _, id := range s.ids {
		events := map[string]bool{}
		for _, l := range letters {
			if l.isCalled(id) {
				events[l.event()] = true
			}
		}
		switch {
		case len(events) == 0:
			return command.Absent("there is no dead letter %s; onexctl dlq list shows those that there are", id)
		case len(events) > 1:
			return command.Misuse("%d dead letters begin with %s; write more of the id", len(events), id)
		}
	}
	return nil
}
