package tail

import (
	"regexp"

	"github.com/google/uuid"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/command"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/events"
)

// filter says which events are shown. Its zero value says all, and what is not
// an event too.
type filter struct {
	typ, node   *regexp.Regexp
	correlation string // the first hex digits
}

func (opts options) filter() (filter, error) {
	var f filter
	for _, pattern := range []struct {
		flag, text string
		re         **regexp.Regexp
	}{{"-type", opts.typ, &f.typ}, {"-node", opts.node, &f.node}} {
		if pattern.text == "" {
			continue
		}
		re, err := regexp.Compile(pattern.text)
		if err != nil {
			return filter{}, command.Misuse("%s: %q is no regular expression: %v", pattern.flag, pattern.text, err)
		}
		*pattern.re = re
	}
	if opts.correlation == "" {
		return f, nil
	}
	var ok bool
	if f.correlation, ok = command.IDDigits(opts.correlation); !ok {
		return filter{}, command.Misuse("-correlation: %q is no id; write a UUID, or at least its first %d digits", opts.correlation, command.FewestDigits)
	}
	return f, nil
}

func (f filter) has(e events.Event) bool {
	if e.Env == nil {
		return f == filter{}
	}
	if f.typ != nil && !f.typ.MatchString(e.Env.Type) || f.node != nil && !f.node.MatchString(e.Env.NodeID) {
		return false
	}
	return f.correlation == "" || f.isOfCorrelation(e)
}

// isOfCorrelation tells whether an event belongs to the correlation.
func (f filter) isOfCorrelation(e events.Event) bool {
	return e.Env != nil && e.Env.CorrelationID != uuid.Nil && command.BeginsWith(e.Env.CorrelationID, f.correlation)
}
