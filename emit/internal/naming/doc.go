// Package naming says what a node's events, topics and generated declarations are called. It
// imports annotate's types.
package naming
