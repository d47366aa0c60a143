package terminal

import "io"

// Streams are what a command reads from and prints to.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}
