// Package benchkit is what the benchmarks of several packages share: the modules
// that they run on, and a way to compare jobs that holds on a busy machine.
//
// It imports the standard library only, and nothing but benchmarks and tests
// imports it.
package benchkit
