// Package catalog finds out which topics a command is to be about: those of
// catalogs, and those that are named.
//
// It imports command, terminal and a JSON library.
package catalog
