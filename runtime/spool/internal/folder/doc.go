// Package folder opens the files of a spool's folder, and refuses a folder or a file that
// is not this user's alone. It imports the standard library and, on Windows,
// golang.org/x/sys.
package folder
