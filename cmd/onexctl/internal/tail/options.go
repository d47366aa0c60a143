package tail

import (
	"regexp"
	"time"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/cluster"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/command"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
	onex "github.com/omninode-ai/onexevents/runtime"
)

// options are the flags.
type options struct {
	connection  cluster.Settings
	json        bool
	dlq         bool
	untilEnd    bool
	last        int
	since       string
	until       string
	correlation string
	typ, node   string
}

// isLive: nothing is shown that was before.
func (opts options) isLive() bool {
	return opts.since == "" && opts.until == "" && !opts.untilEnd && opts.last == 0
}

// times says from when to when events are read.
func (opts options) times(now time.Time) (s cluster.Scope, err error) {
	if opts.last < 0 {
		return s, command.Misuse("-n: %d is no number of events", opts.last)
	}
	if opts.since != "" {
		if s.Begin.Since, err = command.ParseSince(opts.since, now); err != nil {
			return s, command.Misuse("-since: %v", err)
		}
	}
	if opts.until != "" {
		if s.Until, err = command.ParseSince(opts.until, now); err != nil {
			return s, command.Misuse("-until: %v", err)
		}
	}
	s.ToEnd = opts.untilEnd || opts.until != ""
	s.Begin.AtEnd = opts.isLive()
	return s, nil
}

// scope is what is read, and what its topics are like in words.
type scope struct {
	cluster.Scope
	like string
}

// topics adds to a scope which topics are in it.
func (opts options) topics(s cluster.Scope, cfg onex.Config, args []string) (scope, error) {
	letters := cluster.Letters(cfg)
	pattern, like := cluster.Pattern(cfg), "begins with "+terminal.Printable(cfg.Namespace)+"."
	switch len(args) {
	case 0:
	case 1:
		pattern, like = args[0], "matches "+terminal.Printable(args[0])
	default:
		return scope{}, command.Misuse("%d arguments are too many; join the regular expressions for topics with |", len(args))
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return scope{}, command.Misuse("%q is no regular expression for topics: %v", pattern, err)
	}
	s.Topics = func(name string) bool {
		return re.MatchString(name) && (opts.dlq || !letters.Are(name))
	}
	s.Named = cluster.NameIn(pattern)
	s.Related = func(name string) string {
		if event, isLetters := letters.Topic(name); isLetters {
			return event
		}
		return letters.Of(name)
	}
	return scope{s, like}, nil
}
