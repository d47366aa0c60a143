// Package encode makes the bytes of an event: its parts within their limits,
// failures told and masked, ids, and the record that goes to Kafka.
//
// It may import envelope, the rooms mask and guest, uuid, and nothing else beside the standard library.
package encode
