// Package spools lists, verifies and drains the folder of a publisher's spool.
//
// It imports runtime/spool, envelope, cluster, command and terminal.
package spools
