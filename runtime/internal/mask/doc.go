// Package mask takes secrets out of text that people read: it knows the shapes
// of credentials, and the names that stand before them.
//
// What is in a text goes one way: mask.go makes a view of it, and scan.go goes
// through that word by word and asks who knows a secret there: tokens, pem,
// location, flags, headers, assigned and words with its phrases. They get a place,
// ask judge.go whether a secret is there, note it in the scanner of text.go and
// return where it ends. No two files need each other.
//
// It imports nothing beside the standard library. To know one more kind of
// token, name, header, command or webhook, add a line to its table.
package mask
