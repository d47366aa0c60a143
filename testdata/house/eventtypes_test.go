package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// ofFewer has declarations that name every event type of a group as there is today, and
// need not name a new one, with the reason.
var ofFewer = map[string]string{}

// Event types come in two groups: an operation's, whose payloads are called Operation…,
// and a node's. A declaration that names all of a group (in a switch, a table or a list
// of what is generated) is a place where a new one of the group has to go in. So a new
// payload in package envelope makes this test say each such place.
func TestEachPlaceKnowsEveryEventType(t *testing.T) {
	var operations, nodes []string
	for _, name := range payloads(t) {
		if stage, isOperation := strings.CutPrefix(name, "Operation"); isOperation {
			operations = append(operations, stage)
		} else {
			nodes = append(nodes, name)
		}
	}
	places := 0
	for at, d := range declarations(t) {
		known := wordsOf(d)
		for _, group := range []struct{ all, first []string }{
			{operations, []string{"Started", "Completed", "Failed"}},
			{nodes, []string{"StateChanged", "MetricRecorded"}},
		} {
			names := func(eventType string) bool {
				return slices.ContainsFunc(known, func(w string) bool { return strings.Contains(w, strings.ToLower(eventType)) })
			}
			if ofFewer[at] != "" || slices.ContainsFunc(group.first, func(s string) bool { return !names(s) }) {
				continue
			}
			places++
			for _, eventType := range group.all {
				if !names(eventType) {
					t.Errorf("%s names %v, but not %s; add it there, or say in ofFewer why not", at, group.first, eventType)
				}
			}
		}
	}
	if places < 20 {
		t.Errorf("only %d places know the event types; does the test still find them?", places)
	}
}

// payloads returns the names of the types in package envelope that say what their event
// type is.
func payloads(t *testing.T) (names []string) {
	for _, d := range declarationsIn(t, "../../envelope") {
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == "EventType" && f.Recv != nil && f.Type.Params.NumFields() == 1 {
			names = append(names, f.Recv.List[0].Type.(*ast.Ident).Name)
		}
	}
	if len(names) < 5 {
		t.Fatalf("envelope has the payloads %v", names)
	}
	return names
}

// declarations returns all of the repository's own code, by "file: name".
func declarations(t *testing.T) map[string]ast.Decl {
	all := map[string]ast.Decl{}
	for _, folder := range []string{"annotate", "emit", "envelope", "runtime", "cmd"} {
		err := filepath.WalkDir(filepath.Join("..", "..", folder), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.IsDir() {
				return err
			}
			if entry.Name() == "testdata" {
				return fs.SkipDir
			}
			for at, d := range declarationsIn(t, path) {
				all[at] = d
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func declarationsIn(t *testing.T, folder string) map[string]ast.Decl {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]ast.Decl{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		file := strings.TrimPrefix(filepath.ToSlash(name), "../../")
		for _, d := range f.Decls {
			at := file + ": " + nameOf(d)
			for found[at] != nil {
				at += "'" // another one of the name, such as init or a method
			}
			found[at] = d
		}
	}
	return found
}

func nameOf(d ast.Decl) string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		return d.Name.Name
	case *ast.GenDecl:
		if len(d.Specs) > 0 {
			switch s := d.Specs[0].(type) {
			case *ast.TypeSpec:
				return s.Name.Name
			case *ast.ValueSpec:
				return s.Names[0].Name
			}
		}
	}
	return "import"
}

var separators = regexp.MustCompile(`[^A-Za-z0-9]+`)

// wordsOf returns the names and texts in a declaration, so that StateChanged,
// state_changed and "state.changed" are one word.
func wordsOf(d ast.Decl) (words []string) {
	add := func(text string) { words = append(words, strings.ToLower(separators.ReplaceAllString(text, ""))) }
	ast.Inspect(d, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			add(n.Name)
		case *ast.BasicLit:
			add(n.Value)
		}
		return true
	})
	return words
}
