package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/emit"
)

// The manual names every flag, every node type, every format of the catalog, every command, every
// exit code, every state of a file, and the Go version of go.mod.
func TestManualIsComplete(t *testing.T) {
	text := manual()
	has := func(what, pattern string) {
		t.Helper()
		if !regexp.MustCompile(`(?m)` + pattern).MatchString(text) {
			t.Errorf("the manual does not name %s", what)
		}
	}
	has("the format of schemas", `^\t-format `+schemaFormat+`$`)
	for name := range emit.Forms {
		has("the format "+name, `^\t-format `+name+`$`)
	}
	for _, name := range slices.Concat(flagsIn(t, "options.go"), flagsIn(t, "catalog.go"), flagsIn(t, "new.go")) {
		has("the flag -"+name, `^\t-`+name+`( |$)`)
	}
	for _, name := range annotate.NodeTypes {
		has("the node type "+name, `\b`+name+`\b`)
	}
	for _, name := range commands {
		has("the command "+name, `^\tonexevents `+name+`( |$)`)
	}
	for _, rule := range emit.Rules() {
		has("the rule "+rule, `^\t`+rule+`  `)
	}
	for _, code := range []int{exitOK, exitFault, exitError} {
		has(fmt.Sprint("the exit code ", code), fmt.Sprintf(`\b%d if `, code))
	}
	for _, state := range []string{missing, stale, edited, orphan} {
		has("the state "+state, strings.ReplaceAll(state, " ", `\s+`))
	}
	content, err := os.ReadFile(filepath.Join("..", "..", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	mod, err := modfile.Parse("go.mod", content, nil)
	if err != nil {
		t.Fatal(err)
	}
	has("the Go version", `Go `+regexp.QuoteMeta(strings.TrimSuffix(mod.Go.Version, ".0"))+` or later`)
}

// flagsIn returns the names of the flags that a file defines.
func flagsIn(t *testing.T, name string) (flags []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		method, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := method.X.(*ast.Ident); !ok || x.Name != "flags" {
			return true
		}
		for _, arg := range call.Args {
			if text, ok := arg.(*ast.BasicLit); ok && text.Kind == token.STRING && text.Value != `""` {
				flags = append(flags, strings.Trim(text.Value, `"`))
				break
			}
		}
		return true
	})
	if len(flags) == 0 {
		t.Fatalf("%s has no flags", name)
	}
	return flags
}
