package terminal

import (
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

// Cell is one field of a table.
type Cell struct {
	Text   string
	Colour Colour
}

// Table is a header and rows of as many cells.
type Table struct {
	Header []string
	Rows   [][]Cell
}

// Width is how many characters fit on a line of what is printed to; 0 says that
// there is no end, as in a file.
func Width(w io.Writer) int {
	if f, ok := w.(*os.File); ok && IsTerminal(w) {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			return width
		}
		return 80
	}
	return 0
}

const (
	gap      = "  "
	narrowed = 8 // narrower than this, a column says nothing
)

// Fprint prints the table. If it is too wide, the widest columns are cut.
func (t Table) Fprint(w io.Writer, p Paint, width int) error {
	widths := make([]int, len(t.Header))
	rows := [][]Cell{make([]Cell, len(t.Header))}
	for i, name := range t.Header {
		rows[0][i] = Cell{name, Dim}
	}
	for _, row := range t.Rows {
		cells := make([]Cell, len(row))
		for i, c := range row {
			cells[i] = Cell{Field(c.Text), c.Colour}
		}
		rows = append(rows, cells)
	}
	for _, row := range rows {
		for i, c := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(c.Text))
		}
	}
	narrow(widths, width)
	var b strings.Builder
	for _, row := range rows {
		line := ""
		for i, c := range row {
			text := Fit(c.Text, widths[i])
			if i == len(row)-1 {
				text = strings.TrimRight(text, " ")
			} else {
				text += gap
			}
			line += p.In(c.Colour, text)
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// narrow makes the widest columns narrower until they fit.
func narrow(widths []int, width int) {
	total := len(gap) * (len(widths) - 1)
	for _, w := range widths {
		total += w
	}
	for ; width > 0 && total > width; total-- {
		widest := 0
		for i, w := range widths {
			if w > widths[widest] {
				widest = i
			}
		}
		if widths[widest] <= narrowed {
			return
		}
		widths[widest]--
	}
}
