package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/omninode-ai/onexevents/annotate"
)

// group is a list of kinds that several places of the code have to know.
type group struct {
	what  string
	first []string // by which such a place is recognised: all that there were when this was written
	all   []string
}

// ofFewer has declarations that name what a group began with, and need not name
// another one, with the reason.
var ofFewer = map[string]string{
	"emit/internal/source/layout.go: init": "the blank lines between methods, which are the same for all",
}

// A declaration that names all of a group (a switch, a table, a list of what is
// generated) is a place where a new one of the group has to go in. So a sixth payload in
// package envelope makes this test say each place that has to know its event type, and
// another node type, cause or verdict does the same.
func TestEachPlaceKnowsAllOfItsKind(t *testing.T) {
	groups := groupsOf(t)
	places := map[string]int{}
	all := declarations(t)
	for _, at := range slices.Sorted(maps.Keys(all)) {
		words := wordsOf(all[at])
		names := func(kind string) bool {
			return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(w, word(kind)) })
		}
		for _, g := range groups {
			if ofFewer[at] != "" || slices.ContainsFunc(g.first, func(s string) bool { return !names(s) }) {
				continue
			}
			places[g.what]++
			for _, kind := range g.all {
				if !names(kind) {
					t.Errorf("%s names the %s %s, but not %s; add it there, or say in ofFewer why not",
						at, g.what, strings.Join(g.first, ", "), kind)
				}
			}
		}
	}
	for _, g := range groups {
		if places[g.what] == 0 {
			t.Errorf("no place knows the %s %v; does the test still find them?", g.what, g.first)
		}
	}
}

func groupsOf(t *testing.T) []group {
	// An operation's payloads are called Operation…; the others are a node's.
	stages := group{what: "event types of an operation", first: []string{"Started", "Completed", "Failed"}}
	ofNodes := group{what: "event types of a node", first: []string{"StateChanged", "MetricRecorded"}}
	for _, d := range declarationsIn(t, "../../envelope") {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Name.Name != "EventType" || f.Recv == nil || f.Type.Params.NumFields() != 1 {
			continue
		}
		name := f.Recv.List[0].Type.(*ast.Ident).Name
		if stage, isOperation := strings.CutPrefix(name, "Operation"); isOperation {
			stages.all = append(stages.all, stage)
		} else {
			ofNodes.all = append(ofNodes.all, name)
		}
	}
	groups := []group{
		stages, ofNodes,
		{"node types", []string{"effect", "compute", "reducer", "orchestrator"}, annotate.NodeTypes},
		{
			"verdicts that are somebody's fault",
			[]string{"RecordFault", "SenderFault", "TopicFault", "ClientFault"},
			slices.DeleteFunc(constants(t, "../../runtime/internal/delivery", "Verdict"), func(name string) bool { return !strings.HasSuffix(name, "Fault") }),
		},
		{
			"causes",
			[]string{"Refused", "DNS", "TLS", "NotKafka", "Authentication", "Authorization", "TopicMissing", "Clock"},
			constants(t, "../../runtime/internal/health", "Cause"),
		},
	}
	for _, g := range groups {
		if len(g.all) < len(g.first) {
			t.Fatalf("of the %s, only %v are found", g.what, g.all)
		}
	}
	return groups
}

// constants returns the names of the constants of a type, of a declaration whose first
// one tells the type.
func constants(t *testing.T, folder, typ string) (names []string) {
	for _, d := range declarationsIn(t, folder) {
		decl, ok := d.(*ast.GenDecl)
		if !ok || decl.Tok != token.CONST {
			continue
		}
		if id, ok := decl.Specs[0].(*ast.ValueSpec).Type.(*ast.Ident); !ok || id.Name != typ {
			continue
		}
		for _, spec := range decl.Specs {
			for _, name := range spec.(*ast.ValueSpec).Names {
				names = append(names, name.Name)
			}
		}
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

// word makes one of StateChanged, state_changed and "state.changed".
func word(text string) string { return strings.ToLower(separators.ReplaceAllString(text, "")) }

// wordsOf returns the names and texts in a declaration.
func wordsOf(d ast.Decl) (words []string) {
	ast.Inspect(d, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			words = append(words, word(n.Name))
		case *ast.BasicLit:
			words = append(words, word(n.Value))
		}
		return true
	})
	return words
}
