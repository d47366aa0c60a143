package starter

import (
	"cmp"
	"fmt"
	"go/format"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/emit/internal/naming"
)

// Starter is what a package begins with.
type Starter struct {
	Node     *annotate.Node
	Generate string // what stands behind //go:generate
	States   []State
}

// State is a state of the node. The first is where it begins.
type State struct {
	Name string
	Next []string // the states that can follow
}

// File is a file of the package.
type File struct {
	Name   string
	Source []byte
}

// NodeFile is the base name of the file that has the node's struct.
const NodeFile = "node.go"

// StateType is the name of the type of a node's states.
func StateType(n *annotate.Node) string { return n.Name + "State" }

// Files returns the files of the package, apart from what is generated for its
// node, and what their author would be surprised by.
func Files(s Starter) ([]File, annotate.Diagnostics) {
	states, diags := statesOf(s)
	types, faults := s.types(slices.Collect(maps.Values(states)))
	diags = append(diags, faults...)
	imports, faults := s.imports()
	if diags = append(diags, faults...); len(diags) > 0 {
		return nil, diags
	}
	sources := []struct{ name, text string }{
		{NodeFile, s.node()},
		{"types.go", declared(types)},
		{"states.go", s.declaredStates(states)},
		{"node_test.go", s.test(states)},
		{"main.go", s.main()},
	}
	var files []File
	for _, source := range sources {
		if source.text == "" {
			continue
		}
		src, err := format.Source([]byte(withImports(source.text, imports)))
		if err != nil {
			return nil, annotate.Diagnostics{{Message: fmt.Sprintf("%s would not be Go: %v", source.name, err)}}
		}
		files = append(files, File{source.name, src})
	}
	return files, nil
}

// taken are the names that a type of the package must not have, beside those that
// are generated: what its files declare, apart from methods, and what its
// functions call their own.
func taken(n *annotate.Node) []string {
	names := []string{
		n.Name, "New" + n.Name, StateType(n), "nextStates", "main", "run", "patience", "TestStates",
		"n", "ctx", "cancel", "input", "result", "err", "pub", "id", "ok", "from", "to", "reason", "cfg", "opts", "rec", "t",
	}
	for _, op := range n.Operations {
		names = append(names, "TestRun"+naming.GoNameOf(op))
	}
	for _, i := range known {
		names = append(names, i.Name)
	}
	return names
}

// fill puts values in the place of $names.
func fill(text string, values map[string]string) string {
	return placeholder.ReplaceAllStringFunc(text, func(name string) string { return values[name[1:]] })
}

var placeholder = regexp.MustCompile(`\$[A-Za-z]+`)

// known are the packages that the files may name without being told of them.
var known = []annotate.Import{
	{Name: "context", Path: "context"},
	{Name: "json", Path: "encoding/json"},
	{Name: "errors", Path: "errors"},
	{Name: "fmt", Path: "fmt"},
	{Name: "url", Path: "net/url"},
	{Name: "os", Path: "os"},
	{Name: "slices", Path: "slices"},
	{Name: "sync", Path: "sync"},
	{Name: "testing", Path: "testing"},
	{Name: "time", Path: "time"},
	{Name: "uuid", Path: "github.com/google/uuid"},
	{Name: "onex", Path: "github.com/omninode-ai/onexevents/runtime"},
	{Name: "onextest", Path: "github.com/omninode-ai/onexevents/runtime/onextest"},
}

// OfTypes are those of them that the types of a node's operations may name.
var OfTypes = slices.DeleteFunc(slices.Clone(known), func(i annotate.Import) bool {
	return !slices.Contains([]string{"json", "time", "url", "uuid"}, i.Name)
})

// imports returns what the files may name: what is known, and what the types of
// the operations are of, in the order of paths.
func (s Starter) imports() ([]annotate.Import, annotate.Diagnostics) {
	list := slices.Clone(known)
	var diags annotate.Diagnostics
	for _, op := range s.Node.Operations {
		for _, t := range []*annotate.Type{op.Input, op.Result} {
			if t == nil {
				continue
			}
			for _, i := range t.Imports {
				same := slices.IndexFunc(list, func(other annotate.Import) bool { return other.Name == i.Name })
				switch {
				case same < 0:
					list = append(list, i)
				case list[same].Path != i.Path:
					diags = append(diags, annotate.Diagnostic{Pos: op.Pos, Message: fmt.Sprintf("%s is %s in the new package, and not %s; name that otherwise", i.Name, list[same].Path, i.Path)})
				}
			}
		}
	}
	slices.SortFunc(list, func(a, b annotate.Import) int { return cmp.Compare(a.Path, b.Path) })
	return list, diags
}

// withImports makes a file of declarations.
func withImports(text string, imports []annotate.Import) string {
	code := comment.ReplaceAllString(text, "")
	var groups [2]strings.Builder
	for _, i := range imports {
		if !regexp.MustCompile(`\b` + i.Name + `\.[\pL_]`).MatchString(code) {
			continue
		}
		name, group := "", &groups[0]
		if domain, _, _ := strings.Cut(i.Path, "/"); strings.Contains(domain, ".") {
			group = &groups[1]
		}
		if i.Name != path.Base(i.Path) {
			name = i.Name + " "
		}
		fmt.Fprintf(group, "\t%s%q\n", name, i.Path)
	}
	packageDoc, declarations, _ := strings.Cut(text, "package main\n")
	if groups[0].Len()+groups[1].Len() == 0 {
		return text
	}
	return packageDoc + "package main\n\nimport (\n" + groups[0].String() + "\n" + groups[1].String() + ")\n" + declarations
}

var comment = regexp.MustCompile(`(?m)^\s*//.*$`)

// called returns the name of a node in a file name or an id: "metadata-stamper".
func called(n *annotate.Node) string {
	return strings.Trim(strings.ReplaceAll(annotate.SnakeCase(n.Name), "_", "-"), "-")
}

// article writes the node's name behind a or an.
func article(n *annotate.Node) string { return naming.Article(n.Name) }
