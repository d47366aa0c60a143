//go:build !linux

package main

// writeFile replaces the file at path, or creates it: other processes see the
// old content or the new, and never a part. An existing file keeps its mode.
func writeFile(path string, content []byte) error {
	return writeNamed(path, content, modeOf(path))
}
