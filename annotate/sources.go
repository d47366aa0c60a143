package annotate

import (
	"go/build"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// sources returns the files of a package in which directives can stand, apart
// from the generator's own: those that are compiled, tests among them, and
// those that the build constraints exclude.
func (l *loader) sources(listed *packages.Package) (compiled, excluded []string, err error) {
	for _, name := range listed.GoFiles {
		if filepath.Dir(name) == listed.Dir && !slices.Contains(l.own, name) {
			compiled = append(compiled, name)
		}
	}
	for _, name := range listed.IgnoredFiles {
		if strings.HasSuffix(name, ".go") && !slices.Contains(l.own, name) && !isHidden(name) {
			excluded = append(excluded, name)
		}
	}
	if listed.Dir == "" {
		return compiled, excluded, nil
	}
	tests, err := filepath.Glob(filepath.Join(escapeGlob(listed.Dir), "*_test.go"))
	if err != nil {
		return nil, nil, err
	}
	// The go command names test files only together with all that they
	// import, which takes it ten times as long.
	ctx := l.cfg.buildContext()
	for _, name := range tests {
		if isHidden(name) || slices.Contains(l.own, name) {
			continue
		}
		if match, err := ctx.MatchFile(listed.Dir, filepath.Base(name)); match || err != nil {
			compiled = append(compiled, name)
		} else if !slices.Contains(excluded, name) {
			excluded = append(excluded, name)
		}
	}
	slices.Sort(compiled)
	return compiled, excluded, nil
}

// isHidden tells the files that the go command never looks at.
func isHidden(name string) bool {
	base := filepath.Base(name)
	return strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_")
}

// escapeGlob keeps the special characters of a folder's name from meaning
// anything.
func escapeGlob(dir string) string {
	if os.PathSeparator == '\\' {
		return dir // there is no escaping there
	}
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(dir)
}

// buildContext is how cfg's environment and tags decide which files are
// compiled.
func (cfg Config) buildContext() *build.Context {
	ctx := build.Default
	env := cfg.Env
	if env == nil {
		env = os.Environ()
	}
	for _, kv := range env {
		key, value, _ := strings.Cut(kv, "=")
		switch {
		case value == "":
		case key == "GOOS":
			ctx.GOOS = value
		case key == "GOARCH":
			ctx.GOARCH = value
		case key == "CGO_ENABLED":
			ctx.CgoEnabled = value == "1"
		case key == "GOFLAGS":
			for _, flag := range strings.Fields(value) {
				if tags, ok := strings.CutPrefix(strings.TrimLeft(flag, "-"), "tags="); ok {
					ctx.BuildTags = splitTags(tags)
				}
			}
		}
	}
	if cfg.Tags != "" {
		ctx.BuildTags = splitTags(cfg.Tags)
	}
	return &ctx
}

func splitTags(tags string) []string {
	return strings.FieldsFunc(tags, func(r rune) bool { return r == ',' || r == ' ' })
}
