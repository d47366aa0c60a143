package annotate

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// findGenerated returns the absolute names of the generator's own files in all
// the folders that the patterns may mean. It may find too many: they are
// hidden from the go command, no more.
func findGenerated(cfg Config, patterns []string) ([]string, error) {
	if cfg.Generated == nil {
		return nil, nil
	}
	var found []string
	visit := func(name string) {
		content := func() []byte {
			// What cannot be read is not ours, as far as anybody can tell;
			// the go command will say what is the matter with it.
			src, _ := os.ReadFile(name)
			return src
		}
		if cfg.Generated(filepath.Base(name), content) {
			found = append(found, name)
		}
	}
	for _, pattern := range patterns {
		root, recursive := searchRoot(cfg.Dir, pattern)
		if err := walkGo(root, recursive, visit); err != nil {
			return nil, err
		}
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}

// searchRoot returns the folder below which the packages of a pattern are. An
// import path may be anywhere in the module or workspace.
func searchRoot(dir, pattern string) (root string, recursive bool) {
	if !isPath(pattern) {
		return moduleRoot(dir), true
	}
	before, _, wildcard := strings.Cut(pattern, "...")
	if wildcard && before == "" {
		before = "."
	}
	root = absolute(dir, before)
	if wildcard && !strings.HasSuffix(before, "/") && !strings.HasSuffix(before, string(filepath.Separator)) {
		root = filepath.Dir(root) // ./ab... means ./abc too
	}
	return root, wildcard
}

// moduleRoot returns the folder of the go.work or else the go.mod that rules
// in dir, or dir itself.
func moduleRoot(dir string) string {
	for _, file := range []string{"go.work", "go.mod"} {
		for d := dir; ; d = filepath.Dir(d) {
			if exists(filepath.Join(d, file)) {
				return d
			}
			if d == filepath.Dir(d) {
				break
			}
		}
	}
	return dir
}

// walkGo visits the Go files in root and, if recursive, in the folders below
// it that the go command would look into. A root that is not there is for the
// go command to report.
func walkGo(root string, recursive bool, visit func(name string)) error {
	workspace := exists(filepath.Join(root, "go.work"))
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil && name != root && os.IsPermission(err):
			return fs.SkipDir
		case err != nil:
			return err
		case entry.IsDir() && name != root:
			base := entry.Name()
			if !recursive || isHidden(name) || base == "testdata" || base == "vendor" || base == "node_modules" {
				return fs.SkipDir
			}
			if !workspace && exists(filepath.Join(name, "go.mod")) {
				return fs.SkipDir // another module
			}
		case strings.HasSuffix(name, ".go") && !isHidden(name):
			visit(name)
		}
		return nil
	})
	if os.IsNotExist(err) {
		return nil
	}
	return err
}

// onlyGenerated tells whether nothing is left of a package but the generator's
// own output.
func (l *loader) onlyGenerated(listed *packages.Package) bool {
	for _, name := range slices.Concat(listed.GoFiles, listed.IgnoredFiles) {
		if !slices.Contains(l.own, name) {
			return false
		}
	}
	return len(listed.IgnoredFiles) > 0
}

// abandoned returns a package without nodes for each folder in which nothing
// is left but the generator's own output: a wildcard passes over such folders.
func (l *loader) abandoned(listed []*packages.Package) []*Package {
	byDir := map[string][]string{}
	for _, name := range l.own {
		dir := filepath.Dir(name)
		byDir[dir] = append(byDir[dir], name)
	}
	for _, p := range listed {
		delete(byDir, p.Dir)
	}
	var pkgs []*Package
	for dir, generated := range byDir {
		files := 0
		if err := walkGo(dir, false, func(string) { files++ }); err == nil && files == len(generated) {
			pkgs = append(pkgs, &Package{Dir: dir, Generated: generated})
		}
	}
	slices.SortFunc(pkgs, func(a, b *Package) int { return strings.Compare(a.Dir, b.Dir) })
	return pkgs
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}
