package emit

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"slices"
)

// sumPrefix begins the last line of every generated file, and its checksum
// ends it.
const sumPrefix = "// An edit of the lines above shows in their checksum: "

// sealed adds the line with the checksum to src.
func sealed(src []byte) []byte {
	src = append(slices.Clip(src), '\n')
	return fmt.Appendf(src, "%s%s\n", sumPrefix, checksum(src))
}

// IsEdited tells whether somebody has changed a generated file since it was
// written. Line ends do not count, and neither does what a merge or a crash
// leaves behind: without its last line, or with conflict markers in it, a file
// is not edited but damaged.
func IsEdited(src []byte) bool {
	src = bytes.TrimPrefix(bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n")), []byte("\ufeff"))
	for line := range bytes.Lines(src) {
		if isConflictMarker(string(line)) {
			return false
		}
	}
	start := bytes.LastIndex(src, []byte("\n"+sumPrefix)) + 1
	if start == 0 {
		return false
	}
	sum, after, whole := bytes.Cut(src[start+len(sumPrefix):], []byte("\n"))
	return whole && (string(sum) != checksum(src[:start]) || len(after) > 0)
}

// checksum is one against accidents, not against attacks.
func checksum(src []byte) string {
	sum := fnv.New64a()
	sum.Write(src)
	return fmt.Sprintf("%016x", sum.Sum64())
}
