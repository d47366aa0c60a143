package main

import (
	"regexp"
	"strings"

	"github.com/google/uuid"
)

// filter says which events are shown. Its zero value says all, and what is not
// an event too.
type filter struct {
	typ, node   *regexp.Regexp
	correlation string // the first hex digits
}

func (opts tailOptions) filter() (filter, error) {
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
			return filter{}, misuse("%s: %q is no regular expression: %v", pattern.flag, pattern.text, err)
		}
		*pattern.re = re
	}
	if opts.correlation == "" {
		return f, nil
	}
	var ok bool
	if f.correlation, ok = idDigits(opts.correlation); !ok {
		return filter{}, misuse("-correlation: %q is no id; write a UUID, or at least its first %d digits", opts.correlation, fewestDigits)
	}
	return f, nil
}

const fewestDigits = 4

// idDigits returns the hex digits of an id, or of what an id begins with.
func idDigits(text string) (string, bool) {
	if id, err := uuid.Parse(text); err == nil {
		text = id.String()
	}
	digits := strings.ToLower(strings.ReplaceAll(text, "-", ""))
	isHex := strings.Trim(digits, "0123456789abcdef") == ""
	return digits, isHex && len(digits) >= fewestDigits && len(digits) <= 32
}

// beginsWith tells whether these are the first digits of an id.
func beginsWith(id uuid.UUID, digits string) bool {
	return strings.HasPrefix(strings.ReplaceAll(id.String(), "-", ""), digits)
}

func (f filter) has(e event) bool {
	if e.env == nil {
		return f == filter{}
	}
	if f.typ != nil && !f.typ.MatchString(e.env.EventType) || f.node != nil && !f.node.MatchString(e.env.SourceNodeID) {
		return false
	}
	return f.correlation == "" || e.env.CorrelationID != nil && beginsWith(*e.env.CorrelationID, f.correlation)
}
