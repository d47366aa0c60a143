// Package tail shows events as they come, and what has caused what.
//
// It imports events, cluster, command and terminal.
package tail
