// Package store is one file of events: what is where in it, how it changes, and what can
// be saved when it is damaged. Besides record, boltfile and what onex needs it imports
// only bbolt, and is the only package that does.
package store
