package terminal

import "strings"

// Widths are those of the columns, which grow with what was shown.
type Widths struct{ Typ, Node int }

// How wide columns are at first and at most, and how much is shown of what is
// no event.
const (
	TypWidth  = 32
	NodeWidth = 18
	widest    = 48
	ClipText  = 120
)

// Stamp is how times are shown.
const Stamp = "Jan 02 15:04:05.000Z07:00"

// Pad makes a column as wide as its widest text so far.
func Pad(text string, width *int, least int) string {
	text = Field(text)
	n := len([]rune(text))
	*width = max(*width, min(n, widest), least)
	return text + strings.Repeat(" ", max(0, *width-n))
}
