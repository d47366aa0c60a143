// Package record frames what a spool's file has, so that each record can be found in the
// file and told from what is none, without the tree that leads to it. It knows
// [onex.Spooled], and imports nothing else but the standard library.
package record
