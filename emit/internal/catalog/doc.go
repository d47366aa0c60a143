// Package catalog writes down the events of nodes, in each form that a catalog has. It
// imports annotate's types and naming.
package catalog
