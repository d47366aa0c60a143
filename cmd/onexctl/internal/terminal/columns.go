package terminal

import "strings"

// Stamp is how times are shown.
const Stamp = "Jan 02 15:04:05.000Z07:00"

// widest is how wide a column gets.
const widest = 48

// Pad makes a column as wide as its widest text so far.
func Pad(text string, width *int, least int) string {
	text = Field(text)
	n := len([]rune(text))
	*width = max(*width, min(n, widest), least)
	return text + strings.Repeat(" ", max(0, *width-n))
}
