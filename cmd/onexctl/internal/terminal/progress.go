package terminal

import (
	"fmt"
	"io"
	"strings"
)

// Progress is a bar on a terminal that fills; elsewhere it is nothing.
type Progress struct {
	w     io.Writer // nil: nobody looks
	what  string
	total int64
	last  string
}

func NewProgress(w io.Writer, what string, total int64) *Progress {
	if !IsTerminal(w) {
		w = nil
	}
	return &Progress{w: w, what: what, total: total}
}

const barWidth = 30

// Show draws how much is done.
func (p *Progress) Show(done int64) {
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

// Clear takes the bar away, for a line to be printed.
func (p *Progress) Clear() {
	if p.w != nil && p.last != "" {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.last = ""
	}
}
