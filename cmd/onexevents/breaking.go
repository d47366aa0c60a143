package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/emit"
)

// breakingOptions are what the command line says of -breaking.
type breakingOptions struct {
	old    string // "" if there is none
	except []string
	json   bool
}

// revisionPrefix tells a revision that git knows from a file.
const revisionPrefix = "git:"

// exceptions reads the rules of -except.
func exceptions(list string) ([]string, error) {
	var rules []string
	for rule := range strings.SplitSeq(list, ",") {
		rule = strings.TrimSpace(rule)
		if rule == "" {
			continue
		}
		if !slices.Contains(emit.Rules(), rule) {
			return nil, fmt.Errorf("there is no rule %q for -except; %s", rule, annotate.DidYouMean(rule, emit.Rules()))
		}
		rules = append(rules, rule)
	}
	return rules, nil
}

// breaking prints what consumers lose from the old catalog to the packages as
// they are, and says whether they lose anything.
func breaking(ctx context.Context, opts catalogOptions, out report) (breaks bool, err error) {
	c, err := loadCatalog(ctx, opts.options)
	if err != nil {
		return false, err
	}
	old, err := oldCatalog(ctx, opts)
	if err != nil {
		return false, err
	}
	for _, change := range c.Changes(old) {
		if change.Excepted == "" && slices.Contains(opts.breaking.except, change.Rule) {
			change.Excepted = "by -except"
		}
		out.change(change)
		breaks = breaks || change.Rule != "" && change.Excepted == ""
	}
	return breaks, nil
}

// oldCatalog returns the catalog to compare with.
func oldCatalog(ctx context.Context, opts catalogOptions) (*emit.Record, error) {
	name := opts.breaking.old
	if revision, ok := strings.CutPrefix(name, revisionPrefix); ok {
		return catalogAt(ctx, revision, opts.options)
	}
	content, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no file %s to compare with; name a catalog in JSON, or git:<revision>", name)
	}
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read (%w); name a catalog in JSON, or git:<revision>", name, cause(err))
	}
	return emit.ReadRecord(name, content)
}

// change is one difference between two catalogs.
func (r report) change(c emit.Change) {
	kind, name := "breaking", c.Rule
	if c.Rule == "" {
		kind, name = "added", "added"
	}
	pos := c.Pos
	if !r.json {
		pos = relative(annotate.Diagnostic{Pos: pos}).Pos
	} else if path, err := filepath.Abs(pos.Filename); err == nil && !strings.HasPrefix(pos.Filename, revisionPrefix) {
		pos.Filename = path
	}
	message := c.What
	if c.Remedy != "" {
		message += "; " + c.Remedy
	}
	if r.json {
		r.line(entry{
			Kind: kind, Rule: c.Rule, File: pos.Filename, Line: pos.Line, Column: pos.Column,
			Message: message, Remedy: c.Remedy, Topics: c.Topics, Excepted: c.Excepted,
		})
		return
	}
	if c.Excepted != "" {
		name += " (excepted: " + c.Excepted + ")"
	}
	fmt.Fprintf(r.stdout, "%s: %s: %s\n", pos, name, message)
}

// mistakes is what keeps a comparison from an answer, in JSON.
func (r report) mistakes(err error) {
	var diags annotate.Diagnostics
	if !errors.As(err, &diags) {
		r.failure(err)
	}
	for _, d := range diags {
		r.fault(d)
	}
}
