// Package terminal puts things in words, and words on a terminal: nothing that
// it prints is more than text there.
//
// It imports the standard library, golang.org/x/term and a JSON library.
package terminal
