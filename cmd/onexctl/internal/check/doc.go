// Package check connects as a publisher would, and says what keeps events from
// Kafka.
//
// It imports the runtime, catalog, cluster, command and terminal.
package check
