// Package wire reads dead letters as widely as all who write them do.
//
// It imports envelope.
package wire
