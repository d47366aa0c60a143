// Package command is what the commands have in common: a name, flags, and how
// times and ids are written as arguments.
//
// It imports terminal and google/uuid.
package command
