// Package mask takes secrets out of text that people read: it knows the shapes
// of credentials, and the names that stand before them.
//
// What is in a text goes one way: mask.go makes a view of it, scan.go goes through
// that word by word and asks who knows a secret there. Those who know one (tokens,
// pem, location, flags, headers, assigned, words) ask judge.go whether it is one,
// and note it in the scanner of text.go. No file uses one above it.
//
// It imports nothing beside the standard library. To know one more kind of
// token, name, header, command or webhook, add a line to its table.
package mask
