// Package annotate reads the //onex:operations directives of Go packages.
//
// It turns source text into values: [Load] finds the packages, parses those of
// their files that mention a directive, and returns a [Node] for every struct
// type that has one. What is wrong comes back as [Diagnostics], each with its
// place and its remedy, and all of them at once. The package writes nothing,
// and what is made of a node is not its concern.
//
// Below it, internal/grammar knows how a directive is written, internal/buildtags
// what a build constraint says, and internal/golist what the go command lists.
//
// It imports the standard library, golang.org/x/tools/go/packages, and
// golang.org/x/mod for what go.mod and import paths are.
package annotate
