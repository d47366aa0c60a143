// Package emit writes the Go source that a node's events are published with,
// and the catalog of those events.
//
// It is pure: [File] turns an [annotate.Node] into bytes, the same bytes for
// the same node, and [Package] does so for all nodes of a package and refuses
// names that clash. [Method] returns one event's method alone, and [NewCatalog]
// lists the events of many packages; [NewPackage] returns a whole package to begin
// with, for larger generators. The nodes may come from [annotate.Load] or
// be built in Go; they are held to the same rules. Nobody's disk is touched.
//
// Its rooms are internal/naming, what things are called; internal/source, the Go source;
// internal/catalog, the forms of a catalog, which internal/breaking compares;
// internal/page, its page; and internal/starter, a node package to begin with. What may be generated is decided here, and which
// files are the generator's own.
//
// The generated methods only call the runtime, which this package knows by its
// import path and its names and does not import. It imports the standard
// library, annotate's types, and jennifer, which puts the source together.
package emit
