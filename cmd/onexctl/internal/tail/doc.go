// Package tail shows events as they come, and what has caused what.
//
// It imports envelope, wire, cluster, command and terminal.
package tail
