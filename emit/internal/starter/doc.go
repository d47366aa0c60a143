// Package starter writes the source of a node package to begin with, which is
// its author's from then on. It imports annotate's types and emit/internal/naming.
package starter
