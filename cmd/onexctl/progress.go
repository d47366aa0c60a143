package main

import (
	"fmt"
	"io"
	"strings"
)

// progress is a bar on a terminal that fills; elsewhere it is nothing.
type progress struct {
	w     io.Writer // nil: nobody looks
	what  string
	total int64
	last  string
}

func newProgress(w io.Writer, what string, total int64) *progress {
	if !isTerminal(w) {
		w = nil
	}
	return &progress{w: w, what: what, total: total}
}

const barWidth = 30

// show draws how much is done.
func (p *progress) show(done int64) {
	if p.w == nil || p.total <= 0 {
		return
	}
	full := int(min(done, p.total) * barWidth / p.total)
	line := fmt.Sprintf("\r%s [%s%s] %d of %d", p.what, strings.Repeat("█", full), strings.Repeat("·", barWidth-full), done, p.total)
	if line != p.last {
		fmt.Fprint(p.w, line, "\x1b[K")
		p.last = line
	}
}

// clear takes the bar away, for a line to be printed.
func (p *progress) clear() {
	if p.w != nil && p.last != "" {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.last = ""
	}
}
