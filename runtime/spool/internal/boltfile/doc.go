// Package boltfile reads the pages of a bbolt file, sound or damaged, without bbolt,
// and imports only the standard library.
package boltfile
