// Package mask takes secrets out of text that people read: it knows the shapes
// of credentials, and the names that stand before them.
//
// It imports nothing beside the standard library. To know one more kind of
// token, name, header, command or webhook, add a line to its table.
package mask
