// Package topics compares the topics of a catalog with those that Kafka has,
// and makes them so.
//
// It imports the runtime, catalog, cluster, command and terminal.
package topics
