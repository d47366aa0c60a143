// Command bench compares onexevents with other generators of Go code.
//
// It reads what the benchmarks print and prints the tables of README.md; the
// script run does both.
//
// It is in a module of its own, so that the other generators are no concern of
// those who use onexevents.
package main
