package golist

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/tools/go/packages"
)

// Matcher tells which packages a pattern with a wildcard means.
func Matcher(dir, pattern string) func(*packages.Package) bool {
	subject := func(p *packages.Package) string { return p.PkgPath }
	if IsPath(pattern) {
		pattern = filepath.ToSlash(Absolute(dir, pattern))
		subject = func(p *packages.Package) string { return filepath.ToSlash(p.Dir) }
	}
	expr := strings.ReplaceAll(regexp.QuoteMeta(pattern), `\.\.\.`, `.*`)
	if prefix, ok := strings.CutSuffix(expr, `/.*`); ok {
		expr = prefix + `(/.*)?` // x/... matches x too
	}
	re := regexp.MustCompile(`^` + expr + `$`)
	return func(p *packages.Package) bool { return re.MatchString(subject(p)) }
}

// IsWildcard tells a pattern that can match many packages.
func IsWildcard(pattern string) bool { return strings.Contains(pattern, "...") }

// IsPath tells a folder of the file system from an import path.
func IsPath(pattern string) bool {
	return pattern == "." || pattern == ".." || strings.HasPrefix(pattern, "./") || strings.HasPrefix(pattern, "../") ||
		strings.HasPrefix(pattern, `.\`) || strings.HasPrefix(pattern, `..\`) || filepath.IsAbs(pattern)
}

// Absolute returns a path that is written in dir.
func Absolute(dir, path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(dir, path)
}

// Exists tells whether there is a file or a folder of the given name.
func Exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// WildcardRoot returns the folder below which a pattern's folders are.
func WildcardRoot(dir, pattern string) string {
	before, _, _ := strings.Cut(pattern, "...")
	root := Absolute(dir, before)
	if !strings.HasSuffix(before, "/") && !strings.HasSuffix(before, string(filepath.Separator)) {
		root = filepath.Dir(root) // ./ab... means ./abc too
	}
	return root
}
