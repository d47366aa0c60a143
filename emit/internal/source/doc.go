// Package source puts the Go source together that a node's events are published with, laid
// out as gofmt has it. It imports annotate's types, naming and jennifer.
package source
