package onex_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The package's doc names every function and type once: among what a program uses, or
// among what is for generated code and says so itself.
func TestDocNamesAll(t *testing.T) {
	fset := token.NewFileSet()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	p, err := doc.NewFromFiles(fset, files, "github.com/omninode-ai/onexevents/runtime")
	if err != nil {
		t.Fatal(err)
	}
	_, lists, _ := strings.Cut(p.Doc, "# What a program uses")
	ofProgram, ofGenerated, found := strings.Cut(lists, "# For generated code")
	if !found {
		t.Fatal("the package's doc has no list")
	}
	listed := func(list string) map[string]int {
		names := map[string]int{}
		for _, m := range regexp.MustCompile(`\[(\w+)\]`).FindAllStringSubmatch(list, -1) {
			names[m[1]]++
		}
		return names
	}
	program, generated := listed(ofProgram), listed(ofGenerated)
	check := func(name, comment string) {
		if program[name]+generated[name] != 1 {
			t.Errorf("%s is named %d times in the package's doc", name, program[name]+generated[name])
		}
		if says := strings.Contains(strings.Join(strings.Fields(comment), " "), "for generated code"); says != (generated[name] > 0) {
			t.Errorf("%s says that it is for generated code: %v; listed there: %v", name, says, generated[name] > 0)
		}
	}
	for _, f := range p.Funcs {
		check(f.Name, f.Doc)
	}
	for _, typ := range p.Types {
		check(typ.Name, typ.Doc)
		for _, f := range typ.Funcs {
			check(f.Name, f.Doc)
		}
	}
}
