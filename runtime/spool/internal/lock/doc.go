// Package lock lets one process at a time have a folder, and imports the standard
// library and, on Windows, golang.org/x/sys.
package lock
