package annotate

import (
	"go/token"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/tools/go/packages"

	"github.com/omninode-ai/onexevents/annotate/internal/golist"
	"github.com/omninode-ai/onexevents/annotate/internal/grammar"
)

// read reads the files of one package.
func (l *loader) read(listed *packages.Package) (*Package, Diagnostics) {
	files := golist.GoFiles(listed.Dir)
	pkg := &Package{Path: listed.PkgPath, Dir: listed.Dir, Generated: l.gocmd.GeneratedAmong(files)}
	compiled, excluded := sources(listed, files, pkg.Generated)
	var diags, broken Diagnostics
	s := &scope{names: l.names, declared: sync.OnceValue(func() (declared map[string][]Declaration) {
		declared, broken = declaredIn(compiled, excluded)
		return declared
	})}
	for _, name := range compiled {
		nodes, faults := readFile(name, s)
		pkg.Nodes = append(pkg.Nodes, nodes...)
		diags = append(diags, faults...)
	}
	for _, name := range excluded {
		nodes, faults := readFile(name, s)
		diags = append(diags, faults...)
		diags = append(diags, pkg.addVariants(nodes)...)
	}
	slices.SortStableFunc(pkg.Nodes, func(a, b *Node) int { return strings.Compare(a.File, b.File) })
	onlyGenerated := len(files) > 0 && len(files) == len(pkg.Generated)
	if !onlyGenerated { // which is no mistake, whatever the go command says
		diags = append(diags, l.listErrors(listed, diags)...)
	}
	pkg.Faulty = len(diags) > 0
	// Those that are not said yet are in files that hold no nodes.
	return pkg, append(diags, broken.beyond(diags)...)
}

// sources returns those of a package's files in which directives can stand:
// those that are compiled, tests among them, and those that the build
// constraints exclude.
func sources(listed *packages.Package, files, generated []string) (compiled, excluded []string) {
	for _, name := range files {
		switch {
		case slices.Contains(generated, name):
		case slices.Contains(listed.IgnoredFiles, name):
			excluded = append(excluded, name)
		case slices.Contains(listed.GoFiles, name), strings.HasSuffix(name, "_test.go"):
			// The go command names test files only together with all that
			// they import, which takes it ten times as long; but it tells
			// those that are excluded.
			compiled = append(compiled, name)
		}
	}
	return compiled, excluded
}

// addVariants adds the nodes of a file that is not compiled here, if they are
// other forms of nodes that are: the same struct under other constraints. The
// others it reports, because nobody would see that they are not generated.
func (pkg *Package) addVariants(excluded []*Node) (diags Diagnostics) {
	for _, n := range excluded {
		found := false
		for _, other := range pkg.Nodes {
			if other.Name == n.Name && other.Package == n.Package && excludeEachOther(other, n) {
				other.Variant, found = true, true
			}
		}
		switch {
		case found:
			n.Variant = true
			pkg.Nodes = append(pkg.Nodes, n)
		case n.Constraint == "" && golist.ModuleDir(pkg.Dir) == "":
			diags.add(n.Pos, "struct %s has a directive, but its folder is in no module; run go mod init", n.Name)
		case n.Constraint == "":
			diags.add(n.Pos, "struct %s has a directive, but the go command passes over its folder; if that is in no module of go.work, run go work use %s, or set GOWORK=off", n.Name, golist.ModuleDir(pkg.Dir))
		default:
			diags.add(n.Pos, "struct %s has a directive, but its file is excluded here (//go:build %s); run onexevents with -tags, GOOS, GOARCH or CGO_ENABLED so that it is not", n.Name, n.Constraint)
		}
	}
	return diags
}

// excludeEachOther tells whether two nodes may stand under constraints that do
// not hold together. One that always holds is none of those.
func excludeEachOther(a, b *Node) bool {
	return a.Constraint != "" && b.Constraint != "" && a.Constraint != b.Constraint
}

// readFile reads the nodes of a file if it mentions a directive.
func readFile(name string, s *scope) (nodes []*Node, diags Diagnostics) {
	src, err := os.ReadFile(name)
	if err != nil {
		diags.add(token.Position{Filename: name}, "%v; make it readable", err)
		return nil, diags
	}
	if !grammar.Mentioned(src) {
		return nil, nil
	}
	return readNodes(name, src, s)
}

// listErrors returns what the go command says of a package, except for what
// reading its files has said already.
func (l *loader) listErrors(listed *packages.Package, said Diagnostics) Diagnostics {
	var diags Diagnostics
	for _, e := range listed.Errors {
		d := Diagnostic{Pos: l.parsePos(e.Pos), Message: strings.TrimSpace(e.Msg)}
		if place := placeInText.FindStringSubmatch(d.Message); d.Pos.Filename == "" && place != nil {
			if pos := l.parsePos(golist.Absolute(listed.Dir, place[1])); golist.Exists(pos.Filename) {
				d = Diagnostic{pos, place[2]}
			}
		}
		if d.Pos.Filename == "" && !strings.Contains(d.Message, listed.PkgPath) {
			d.Message = listed.PkgPath + ": " + d.Message
		}
		diags = append(diags, d)
	}
	return diags.beyond(said)
}

// placeInText matches a message of the go command that begins with the place
// that it is about, as some do that come without one.
var placeInText = regexp.MustCompile(`(?s)^([^\n]*\.go(?::\d+)*): (.*)$`)

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
	pos.Filename = golist.Absolute(l.cfg.Dir, pos.Filename)
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
