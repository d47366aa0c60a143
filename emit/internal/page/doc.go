// Package page writes a catalog as one HTML file, which needs no other: for people to read, search and print.
//
// It imports the standard library only, and knows of nodes and events what its model says.
package page
