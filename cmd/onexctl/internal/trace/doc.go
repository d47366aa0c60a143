// Package trace draws what has happened for one request: on the terminal, for
// programs, and as a page.
//
// It imports events, cluster, command and terminal.
package trace
