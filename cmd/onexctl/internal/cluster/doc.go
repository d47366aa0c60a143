// Package cluster connects to Kafka with the settings of a publisher, and reads
// topics without a trace.
//
// It imports command, terminal, the runtime and franz-go.
package cluster
