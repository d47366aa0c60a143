// Package golist asks the go command which packages and files there are, and
// walks the folders that it would walk. It imports the standard library,
// golang.org/x/tools/go/packages and golang.org/x/mod.
package golist
