// Package buildtags knows the build constraint of a file. It imports the
// standard library only.
package buildtags
