package annotate

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/tools/go/packages"
)

// Config says how to look for packages. The zero value looks from the current
// directory, as the go command would.
type Config struct {
	Dir  string   // patterns are relative to it; "" means the current directory
	Env  []string // of the go command; nil means the process's own
	Tags string   // build tags, separated by commas, on top of those in GOFLAGS

	// Generated tells the generator's own output from other source: by the
	// base name of a file, and then by its content. Such files are hidden from
	// the go command, so that a damaged one disturbs nothing. nil means that
	// there are none.
	Generated func(base string, content func() []byte) bool
}

// Load returns the packages that the patterns match, in the order of the go
// command, with the nodes that they declare.
//
// It asks the go command, once, for names and files and nothing else, and
// parses only the files that mention a directive; so packages need not
// compile, and nothing that they import is looked at. (Only where an import
// has no name, and its path does not show the name of its package, is the go
// command asked for that name.)
//
// If anything is wrong in the packages, the error is [Diagnostics], and the
// packages are returned all the same, with the nodes in which nothing is wrong.
// Any other error means that there is no result.
func Load(ctx context.Context, cfg Config, patterns ...string) ([]*Package, error) {
	if len(patterns) == 0 {
		patterns = []string{"."}
	}
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("load packages: %w", err)
	}
	cfg.Dir = dir
	own, err := findGenerated(cfg, patterns)
	if err != nil {
		return nil, fmt.Errorf("load packages: %w", err)
	}
	listed, err := packages.Load(cfg.driver(ctx, packages.NeedName|packages.NeedFiles|packages.NeedModule, own), patterns...)
	if err != nil {
		// The go command, killed, does not say why it was.
		return nil, fmt.Errorf("load packages: %w", cmp.Or(ctx.Err(), err))
	}
	l := loader{cfg: cfg, own: own, names: &packageNames{cfg: cfg.driver(ctx, packages.NeedName, nil)}}
	pkgs := l.readAll(listed)
	l.reportUnmatched(patterns, listed)
	pkgs = append(pkgs, l.abandoned(listed)...)
	return pkgs, l.diags.Err()
}

// driver returns the configuration of a call of the go command that does not
// see the files in hidden.
func (cfg Config) driver(ctx context.Context, mode packages.LoadMode, hidden []string) *packages.Config {
	d := &packages.Config{Context: ctx, Mode: mode, Dir: cfg.Dir, Env: cfg.Env}
	if cfg.Tags != "" {
		d.BuildFlags = []string{"-tags=" + cfg.Tags}
	}
	if len(hidden) > 0 {
		d.Overlay = map[string][]byte{}
	}
	for _, name := range hidden {
		// A file that no build includes, whatever the name of its package.
		d.Overlay[name] = []byte("//go:build ignore\n\npackage hidden\n")
	}
	return d
}

// loader turns what the go command lists into packages with their nodes.
type loader struct {
	cfg   Config
	own   []string // the generator's output
	names *packageNames
	diags Diagnostics
}

// readAll reads the packages in parallel; what is wrong comes in their order.
func (l *loader) readAll(listed []*packages.Package) []*Package {
	pkgs := make([]*Package, len(listed))
	diags := make([]Diagnostics, len(listed))
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(listed)) {
		workers.Go(func() {
			for i := range next {
				pkgs[i], diags[i] = l.read(listed[i])
			}
		})
	}
	for i := range listed {
		next <- i
	}
	close(next)
	workers.Wait()
	l.diags = slices.Concat(diags...)
	return pkgs
}

func (l *loader) read(listed *packages.Package) (*Package, Diagnostics) {
	pkg := &Package{Path: listed.PkgPath, Dir: listed.Dir}
	var diags Diagnostics
	for _, name := range l.own {
		if filepath.Dir(name) == pkg.Dir {
			pkg.Generated = append(pkg.Generated, name)
		}
	}
	compiled, excluded, err := l.sources(listed)
	if err != nil {
		diags.add(token.Position{}, "%v", err)
	}
	for _, name := range compiled {
		nodes, faults := l.readFile(name, readNodes)
		pkg.Nodes = append(pkg.Nodes, nodes...)
		diags = append(diags, faults...)
	}
	for _, name := range excluded {
		_, faults := l.readFile(name, reportExcluded)
		diags = append(diags, faults...)
	}
	diags = append(diags, l.listErrors(listed, diags)...)
	pkg.Faulty = len(diags) > 0
	return pkg, diags
}

type readFunc func(name string, src []byte, names *packageNames) ([]*Node, Diagnostics)

// readFile reads a file and, if it mentions a directive, gives it to read.
func (l *loader) readFile(name string, read readFunc) (nodes []*Node, diags Diagnostics) {
	src, err := os.ReadFile(name)
	if err != nil {
		diags.add(token.Position{Filename: name}, "%v", err)
		return nil, diags
	}
	if !mentionsTool(src) {
		return nil, nil
	}
	return read(name, src, l.names)
}

// mentionsTool tells whether src has "onex:" in it, in whatever case and with
// or without a space: the files without need not be parsed.
func mentionsTool(src []byte) bool {
	const before = "one"
	for _, x := range []byte("xX") {
		for i := 0; ; i++ {
			next := bytes.IndexByte(src[i:], x)
			if next < 0 {
				break
			}
			i += next
			if i >= len(before) && bytes.EqualFold(src[i-len(before):i], []byte(before)) &&
				bytes.HasPrefix(bytes.TrimLeft(src[i+1:], " \t"), []byte(":")) {
				return true
			}
		}
	}
	return false
}

// reportExcluded reports a directive in a file that is not compiled here.
func reportExcluded(name string, src []byte, names *packageNames) ([]*Node, Diagnostics) {
	nodes, diags := readNodes(name, src, names)
	for _, n := range nodes {
		diags.add(n.Pos, "struct %s has a directive, but this file is excluded here (%s); run onexevents with -tags, GOOS or GOARCH so that it is not", n.Name, exclusion(n))
	}
	return nil, diags
}

func exclusion(n *Node) string {
	if n.Constraint == "" {
		return "import \"C\" without cgo"
	}
	return "//go:build " + n.Constraint
}

// listErrors returns what the go command says of a package, except for what
// reading its files has said already.
func (l *loader) listErrors(listed *packages.Package, said Diagnostics) Diagnostics {
	var diags Diagnostics
	for _, e := range listed.Errors {
		d := Diagnostic{Pos: l.parsePos(e.Pos), Message: strings.TrimSpace(e.Msg)}
		if d.Pos.Filename == "" && l.onlyGenerated(listed) {
			continue // nothing is left of the package but our own output
		}
		if d.Pos.Filename == "" && !strings.Contains(d.Message, listed.PkgPath) {
			d.Message = listed.PkgPath + ": " + d.Message
		}
		same := func(s Diagnostic) bool { return s.Pos.Filename == d.Pos.Filename && s.Pos.Line == d.Pos.Line }
		if d.Pos.Filename == "" || !slices.ContainsFunc(said, same) {
			diags = append(diags, d)
		}
	}
	return diags
}

// parsePos reads the go command's "file:line:col".
func (l *loader) parsePos(s string) token.Position {
	var pos token.Position
	rest, column := cutNumber(s)
	file, line := cutNumber(rest)
	switch {
	case s == "" || s == "-":
		return pos
	case line > 0:
		pos = token.Position{Filename: file, Line: line, Column: column}
	default:
		pos = token.Position{Filename: rest, Line: column}
	}
	if !filepath.IsAbs(pos.Filename) {
		pos.Filename = filepath.Join(l.cfg.Dir, pos.Filename)
	}
	return pos
}

// cutNumber takes a number behind the last colon of s off.
func cutNumber(s string) (string, int) {
	if i := strings.LastIndexByte(s, ':'); i >= 0 {
		if n, err := strconv.Atoi(s[i+1:]); err == nil {
			return s[:i], n
		}
	}
	return s, 0
}

// reportUnmatched reports the patterns that matched no package, unless the go
// command has: it complains about those without a wildcard, and about folders
// that are not there.
func (l *loader) reportUnmatched(patterns []string, listed []*packages.Package) {
	for _, pattern := range patterns {
		matches := matcher(l.cfg.Dir, pattern)
		said := func(d Diagnostic) bool { return strings.Contains(d.Message, pattern) }
		if strings.Contains(pattern, "...") && !slices.ContainsFunc(listed, matches) && !slices.ContainsFunc(l.diags, said) {
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
