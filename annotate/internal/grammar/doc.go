// Package grammar knows how a directive is written: its words and brackets, the
// Go types in it, and what somebody may have written in its place. It works on
// text, and imports the standard library only.
package grammar
