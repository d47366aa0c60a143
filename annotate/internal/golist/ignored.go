package golist

import (
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
)

// ignored knows the folders that a wildcard does not lead into because the
// go.mod of their module has an ignore line for them. It reads each go.mod once.
type ignored map[string]ignoreLines // by folder: those of its module

// ignoreLines are the ignore lines of one module.
type ignoreLines struct {
	module string   // the folder of the go.mod; "" if there is none
	below  []string // the module's folder: "/old/"
	any    []string // whatever they are below: "/node_modules/"
}

func (i ignored) has(dir string) bool {
	lines := i.ruling(dir)
	rel, err := filepath.Rel(lines.module, dir)
	if err != nil || rel == "." {
		return false
	}
	path := slashed(rel)
	for _, prefix := range lines.below {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	for _, part := range lines.any {
		if strings.Contains(path, part) {
			return true
		}
	}
	return false
}

// ruling returns the lines of the go.mod that rules in dir.
func (i ignored) ruling(dir string) ignoreLines {
	lines, known := i[dir]
	if known {
		return lines
	}
	content, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	parent := filepath.Dir(dir)
	switch {
	case err == nil:
		lines = parseIgnoreLines(dir, content)
	case parent != dir:
		lines = i.ruling(parent)
	}
	i[dir] = lines
	return lines
}

// parseIgnoreLines reads a go.mod. One with a mistake is for the go command to
// report.
func parseIgnoreLines(dir string, content []byte) ignoreLines {
	lines := ignoreLines{module: dir}
	file, err := modfile.ParseLax("go.mod", content, nil)
	if err != nil {
		return lines
	}
	for _, line := range file.Ignore {
		if path, ok := strings.CutPrefix(line.Path, "./"); ok {
			lines.below = append(lines.below, slashed(path))
		} else {
			lines.any = append(lines.any, slashed(path))
		}
	}
	return lines
}

// slashed puts a path between slashes, so that only whole names are found in it.
func slashed(path string) string {
	return "/" + strings.Trim(filepath.ToSlash(path), "/") + "/"
}
