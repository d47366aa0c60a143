package annotate

import (
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/omninode-ai/onexevents/annotate/internal/golist"
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
			return pattern == p.PkgPath || golist.IsPath(pattern) && golist.Absolute(l.cfg.Dir, pattern) == p.Dir
		}
		if slices.ContainsFunc(patterns, named) {
			l.diags.add(token.Position{}, "package %s belongs to module %s; run onexevents there", p.PkgPath, p.Module.Path)
		}
	}
	return own
}

// placeMalformed gives a folder and files to the packages of the module whose
// import paths the go command refuses, and of which it says nothing else.
func (l *loader) placeMalformed(listed []*packages.Package) {
	root := golist.ModuleDir(l.cfg.Dir)
	for _, p := range listed {
		rel, ours := strings.CutPrefix(p.ID, golist.ImportPath(root)+"/")
		if dir := filepath.Join(root, rel); ours && p.Dir == "" && slices.ContainsFunc(p.Errors, isMalformed) && golist.Exists(dir) {
			p.PkgPath, p.Dir, p.IgnoredFiles = p.ID, dir, golist.GoFiles(dir)
		}
	}
}

func isMalformed(e packages.Error) bool { return strings.HasPrefix(e.Msg, "malformed import path") }

// passedOver returns what the go command leaves out where a wildcard leads
// through folders: those in which no file is compiled. In them may be nodes
// that are excluded here, and generated files that nothing is left for.
func (l *loader) passedOver(listed []*packages.Package, patterns []string) ([]*packages.Package, error) {
	seen := map[string]bool{}
	modules := map[string]bool{golist.ModuleDir(l.cfg.Dir): true}
	for _, p := range listed {
		seen[p.Dir] = true
		if p.Module != nil && p.Module.Main {
			modules[p.Module.Dir] = true
		}
	}
	var found []*packages.Package
	for _, pattern := range patterns {
		if !golist.IsPath(pattern) || !golist.IsWildcard(pattern) {
			continue
		}
		matches := golist.Matcher(l.cfg.Dir, pattern)
		err := golist.WalkFolders(golist.WildcardRoot(l.cfg.Dir, pattern), func(dir string) error {
			if golist.Exists(filepath.Join(dir, "go.mod")) && !modules[dir] {
				return fs.SkipDir // another module
			}
			if seen[dir] {
				return nil
			}
			p := &packages.Package{PkgPath: golist.ImportPath(dir), Dir: dir, IgnoredFiles: golist.GoFiles(dir)}
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

// reportUnmatched reports the patterns that matched no package, unless the go
// command has: it complains about folders that are not there, and about
// patterns without a wildcard if it lists anything at all.
func (l *loader) reportUnmatched(patterns []string, listed []*packages.Package) {
	for _, pattern := range patterns {
		said := func(d Diagnostic) bool { return strings.Contains(d.Message, pattern) }
		if (golist.IsWildcard(pattern) || len(listed) == 0) && !slices.ContainsFunc(listed, golist.Matcher(l.cfg.Dir, pattern)) && !slices.ContainsFunc(l.diags, said) {
			l.diags.add(token.Position{}, "pattern %s matches no package; name a folder with Go files in it", pattern)
		}
	}
}
