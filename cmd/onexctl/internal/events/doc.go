// Package events reads records as events, and finds out what has caused what.
//
// It imports envelope, wire, cluster, command and terminal.
package events
