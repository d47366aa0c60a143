package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/omninode-ai/onexevents/annotate"
)

// report is what a run has to say: text for people, with what is wrong on
// stderr; or, for editors, JSON lines on stdout and nothing else.
type report struct {
	stdout, stderr io.Writer
	json           bool
}

// entry is one JSON line. The manual explains the keys, and none of them may
// change its meaning.
type entry struct {
	Kind    string `json:"kind"`
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Message string `json:"message,omitempty"`
	State   string `json:"state,omitempty"`
	Diff    string `json:"diff,omitempty"`

	// Of a change from one catalog to the next.
	Rule     string   `json:"rule,omitempty"`
	Remedy   string   `json:"remedy,omitempty"`
	Topics   []string `json:"topics,omitempty"`
	Excepted string   `json:"excepted,omitempty"`
}

func (r report) line(e entry) {
	enc := json.NewEncoder(r.stdout)
	enc.SetEscapeHTML(false) // <Type> in a remedy stays readable
	enc.Encode(e)
}

// failure is what kept a run from any result.
func (r report) failure(err error) {
	if r.json {
		r.line(entry{Kind: "diagnostic", Message: err.Error()})
		return
	}
	fmt.Fprintf(r.stderr, "onexevents: %v\n", err)
}

// fault is one mistake, or one file that could not be written.
func (r report) fault(d annotate.Diagnostic) {
	if r.json {
		r.line(entry{Kind: "diagnostic", File: d.Pos.Filename, Line: d.Pos.Line, Column: d.Pos.Column, Message: d.Message})
		return
	}
	fmt.Fprintln(r.stderr, relative(d))
}

// done is a change that has been made: only editors are told.
func (r report) done(c change) {
	if r.json {
		r.line(entry{Kind: "file", File: c.path, State: c.done()})
	}
}

// needed is a change that would be made.
func (r report) needed(c change) {
	name := shortened(c.path)
	text := diff.Diff(nameOf(name, c.old), withoutCR(c.old), nameOf(name, c.new), c.new)
	if r.json {
		r.line(entry{Kind: "file", File: c.path, State: c.state, Diff: string(text)})
		return
	}
	fmt.Fprintf(r.stdout, "%s: %s\n%s", name, c.state, text)
}

// round ends what is said of one round of -watch.
func (r report) round(summary string) {
	if r.json {
		r.line(entry{Kind: "round", Message: summary})
		return
	}
	fmt.Fprintln(r.stdout, summary)
}

// relative shortens the file name of a diagnostic if it is below the current
// folder, so that what an editor gets to see is short and can be clicked.
func relative(d annotate.Diagnostic) annotate.Diagnostic {
	d.Pos.Filename = shortened(d.Pos.Filename)
	return d
}

func shortened(path string) string {
	dir, err := os.Getwd()
	if err != nil || path == "" {
		return path
	}
	rel, err := filepath.Rel(dir, path)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return path
	}
	return rel
}

// nameOf is what a diff calls one side of a file that may not be there. Programs that
// apply diffs know these names on every system.
func nameOf(name string, content []byte) string {
	if content == nil {
		return "/dev/null"
	}
	return filepath.ToSlash(name)
}
