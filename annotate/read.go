package annotate

import (
	"fmt"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/mod/module"
	"golang.org/x/tools/go/packages"

	"github.com/omninode-ai/onexevents/annotate/internal/golist"
	"github.com/omninode-ai/onexevents/annotate/internal/grammar"
)

// read reads the files of one package.
func (l *loader) read(listed *packages.Package) (*Package, Diagnostics) {
	files := golist.GoFiles(listed.Dir)
	pkg := &Package{Path: listed.PkgPath, Dir: listed.Dir, Generated: l.gocmd.GeneratedAmong(files)}
	sources := sourcesOf(listed, files, pkg.Generated)
	var diags, broken Diagnostics
	s := &scope{names: l.names, declared: sync.OnceValue(func() (found declared) {
		found, broken = declaredIn(sources)
		return found
	})}
	for _, source := range sources {
		nodes, faults := readFile(source.name, s)
		diags = append(diags, faults...)
		for _, n := range nodes {
			if source.excluded && n.Constraint == "" {
				diags.add(n.Pos, "struct %s has a directive, but %s", n.Name, passedOver(pkg.Dir))
				continue
			}
			pkg.Nodes = append(pkg.Nodes, n)
		}
	}
	pkg.markVariants()
	s.addImports(pkg.Nodes)
	onlyGenerated := len(files) > 0 && len(files) == len(pkg.Generated)
	if !onlyGenerated { // which is no mistake, whatever the go command says
		diags = append(diags, l.listErrors(listed, len(pkg.Nodes) > 0, diags)...)
	}
	pkg.Faulty = len(diags) > 0
	// Those that are not said yet are in files that hold no nodes.
	return pkg, append(diags, broken.beyond(diags)...)
}

// sourcesOf returns the sources of a package: what is generated is the same on
// every machine, so it does not depend on what is compiled on this one.
func sourcesOf(listed *packages.Package, files, generated []string) []source {
	var sources []source
	for _, name := range files {
		switch {
		case slices.Contains(generated, name):
		case slices.Contains(listed.IgnoredFiles, name):
			sources = append(sources, source{name, true})
		case slices.Contains(listed.GoFiles, name), strings.HasSuffix(name, "_test.go"):
			// The go command names test files only together with all that
			// they import, which takes it ten times as long; but it tells
			// those that are excluded.
			sources = append(sources, source{name, false})
		}
	}
	return sources
}

// markVariants marks the nodes that are one struct under constraints that
// differ.
func (pkg *Package) markVariants() {
	type key struct{ pkg, name string }
	forms := map[key][]*Node{}
	for _, n := range pkg.Nodes {
		forms[key{n.Package, n.Name}] = append(forms[key{n.Package, n.Name}], n)
	}
	for _, nodes := range forms {
		for i, a := range nodes {
			for _, b := range nodes[:i] {
				if a.Constraint != "" && b.Constraint != "" && a.Constraint != b.Constraint {
					a.Variant, b.Variant = true, true
				}
			}
		}
	}
}

// passedOver says why the go command may leave out a folder whose files have
// no constraints, and what to do.
func passedOver(dir string) string {
	root := golist.ModuleDir(dir)
	if root == "" {
		return "its folder is in no module; run go mod init"
	}
	rel, err := filepath.Rel(root, dir)
	if err == nil && rel != "." && module.CheckImportPath("m/"+filepath.ToSlash(rel)) != nil {
		return fmt.Sprintf("its folder cannot be imported as %q; rename the folder, with letters, digits and -._~ only", filepath.ToSlash(rel))
	}
	return fmt.Sprintf("the go command passes over its folder; if that is in no module of go.work, run go work use %s, or set GOWORK=off", root)
}

// addImports adds to what is declared the imports without a name that are
// called like what may be generated for a node.
func (s *scope) addImports(nodes []*Node) {
	added := map[string][]Declaration{}
	for _, n := range nodes {
		for _, i := range s.declared().imports[n.Package] {
			if i.name != "" || !grammar.Suggests(i.path, n.Name) || path.Base(i.path) == n.Name {
				continue
			}
			if name := s.names.Of(i.path); strings.HasPrefix(name, n.Name) && name != n.Name {
				added[n.Package] = append(added[n.Package], Declaration{Name: name, Kind: "import", Path: i.path, Pos: i.pos})
			}
		}
	}
	for _, n := range nodes {
		n.Declared = append(slices.Clip(n.Declared), added[n.Package]...)
	}
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
func (l *loader) listErrors(listed *packages.Package, hasNodes bool, said Diagnostics) Diagnostics {
	var diags Diagnostics
	for _, e := range listed.Errors {
		if hasNodes && strings.Contains(e.Msg, "build constraints exclude all Go files") {
			continue // they are known all the same
		}
		if isMalformed(e) && listed.Dir != "" {
			if len(said) == 0 {
				diags.add(token.Position{Filename: listed.Dir}, "this package cannot be listed: %s", passedOver(listed.Dir))
			}
			continue
		}
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
