package annotate

import (
	"errors"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// own returns the packages of the user's own modules. Those of other modules
// it reports if they are named one by one, and leaves out if a pattern happens
// to match them.
func (l *loader) own(listed []*packages.Package, patterns []string) []*packages.Package {
	var own []*packages.Package
	for _, p := range listed {
		if p.Module == nil || p.Module.Main {
			own = append(own, p)
			continue
		}
		named := func(pattern string) bool {
			return pattern == p.PkgPath || isPath(pattern) && absolute(l.cfg.Dir, pattern) == p.Dir
		}
		if slices.ContainsFunc(patterns, named) {
			l.diags.add(token.Position{}, "package %s belongs to module %s; run onexevents there", p.PkgPath, p.Module.Path)
		}
	}
	return own
}

// passedOver returns what the go command leaves out where a wildcard leads
// through folders: those in which no file is compiled. In them may be nodes
// that are excluded here, and generated files that nothing is left for.
func (l *loader) passedOver(listed []*packages.Package, patterns []string) ([]*packages.Package, error) {
	seen := map[string]bool{}
	modules := map[string]bool{moduleDir(l.cfg.Dir): true}
	for _, p := range listed {
		seen[p.Dir] = true
		if p.Module != nil && p.Module.Main {
			modules[p.Module.Dir] = true
		}
	}
	var found []*packages.Package
	for _, pattern := range patterns {
		if !isPath(pattern) || !isWildcard(pattern) {
			continue
		}
		matches := matcher(l.cfg.Dir, pattern)
		err := walkFolders(wildcardRoot(l.cfg.Dir, pattern), func(dir string) error {
			if exists(filepath.Join(dir, "go.mod")) && !modules[dir] {
				return fs.SkipDir // another module
			}
			if seen[dir] {
				return nil
			}
			p := &packages.Package{Dir: dir, IgnoredFiles: goFiles(dir)}
			if len(p.IgnoredFiles) > 0 && matches(p) {
				seen[dir] = true
				found = append(found, p)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// walkFolders visits the folders at and below root that the go command looks
// into for a wildcard. A root that is not there is for the go command to
// report.
func walkFolders(root string, visit func(dir string) error) error {
	ignored := ignored{}
	// The separator makes a root that is a symbolic link be followed, as the
	// go command follows it.
	err := filepath.WalkDir(root+string(filepath.Separator), func(name string, entry fs.DirEntry, err error) error {
		dir := filepath.Clean(name)
		switch {
		case dir != root && (errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist)):
			return fs.SkipDir // closed to us, or gone meanwhile
		case err != nil:
			return err
		case !entry.IsDir():
			return nil
		}
		if base := filepath.Base(dir); dir != root && (isHidden(base) || base == "testdata" || base == "vendor") {
			return fs.SkipDir
		}
		if ignored.has(dir) {
			return fs.SkipDir
		}
		return visit(dir)
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// wildcardRoot returns the folder below which a pattern's folders are.
func wildcardRoot(dir, pattern string) string {
	before, _, _ := strings.Cut(pattern, "...")
	root := absolute(dir, before)
	if !strings.HasSuffix(before, "/") && !strings.HasSuffix(before, string(filepath.Separator)) {
		root = filepath.Dir(root) // ./ab... means ./abc too
	}
	return root
}

// moduleDir returns the folder of the go.mod that rules in dir, or "".
func moduleDir(dir string) string {
	for {
		if exists(filepath.Join(dir, "go.mod")) {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}

// reportUnmatched reports the patterns that matched no package, unless the go
// command has: it complains about folders that are not there, and about
// patterns without a wildcard if it lists anything at all.
func (l *loader) reportUnmatched(patterns []string, listed []*packages.Package) {
	for _, pattern := range patterns {
		said := func(d Diagnostic) bool { return strings.Contains(d.Message, pattern) }
		if (isWildcard(pattern) || len(listed) == 0) && !slices.ContainsFunc(listed, matcher(l.cfg.Dir, pattern)) && !slices.ContainsFunc(l.diags, said) {
			l.diags.add(token.Position{}, "pattern %s matches no package; name a folder with Go files in it", pattern)
		}
	}
}

// matcher tells which packages a pattern with a wildcard means.
func matcher(dir, pattern string) func(*packages.Package) bool {
	subject := func(p *packages.Package) string { return p.PkgPath }
	if isPath(pattern) {
		pattern = filepath.ToSlash(absolute(dir, pattern))
		subject = func(p *packages.Package) string { return filepath.ToSlash(p.Dir) }
	}
	expr := strings.ReplaceAll(regexp.QuoteMeta(pattern), `\.\.\.`, `.*`)
	if prefix, ok := strings.CutSuffix(expr, `/.*`); ok {
		expr = prefix + `(/.*)?` // x/... matches x too
	}
	re := regexp.MustCompile(`^` + expr + `$`)
	return func(p *packages.Package) bool { return re.MatchString(subject(p)) }
}

func isWildcard(pattern string) bool { return strings.Contains(pattern, "...") }

// isPath tells a folder of the file system from an import path.
func isPath(pattern string) bool {
	return pattern == "." || pattern == ".." || strings.HasPrefix(pattern, "./") || strings.HasPrefix(pattern, "../") ||
		strings.HasPrefix(pattern, `.\`) || strings.HasPrefix(pattern, `..\`) || filepath.IsAbs(pattern)
}

func absolute(dir, path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(dir, path)
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}
