// Package kafka is the client: it sends groups of records, and says of each what
// has become of it and whose fault it is if it was not delivered.
//
// A [Client] is one kgo.Client at a time, which is replaced when it is of no use
// any more. It keeps what the program's options must not break, guards what the
// program gives it, and tells a health.Monitor what it sees.
//
// It may import the room delivery for its verdicts, the rooms health and guest, and franz-go.
package kafka
