// Command publishbench says what an event costs, and compares with other ways of
// getting events from Go to Kafka.
//
// It reads what the benchmarks print and prints the tables of README.md; the
// script run does both.
//
// It is in a module of its own, so that the other clients are no concern of
// those who use onexevents.
package main
