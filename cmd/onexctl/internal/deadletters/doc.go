// Package deadletters lists, shows and replays dead letters, and remembers what
// was replayed.
//
// It imports envelope, wire, cluster, command and terminal.
package deadletters
