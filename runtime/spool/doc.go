// Package spool keeps events in a folder until Kafka takes them. It is what
// [onex.Config] gets as its Spool:
//
//	events, err := spool.Open("/var/lib/stamper/spool")
//
// What Append has put there survives the process, SIGKILL and a power failure.
// The spool is bounded in bytes and in age, and is one process's at a time. Its
// file shrinks when it has emptied. A file that is damaged, however, is moved
// aside and reported, and what is readable in it is kept.
//
// The file is bbolt's. Each event in it is a record with a checksum, which can
// also be found without bbolt; so a damaged file is read in two ways:
//
//	Open ──▶ boltfile ──▶ store: contents ──── sound ───────────────▶ Store ──▶ bbolt
//	                                  └── damaged ──▶ scan ──▶ writer ───▲
//
// This package has the folder: who may use it, which file is the spool's, and what is
// done when that is damaged. What is in one file is for internal/store, which alone
// imports bbolt. The package imports onex.
package spool
