package annotate_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/omninode-ai/onexevents/annotate"
)

// module writes files into a module of its own and returns its folder.
func module(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	files["go.mod"] = "module example.com/m\n\ngo 1.26\n"
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLoad(t *testing.T) {
	dir := module(t, map[string]string{
		"a/a.go": "package a\n\nimport \"net/http\"\n\n//onex:operations type=effect service=s get(*http.Request) put\ntype A struct{ _ http.Request }\n",
		"b/b.go": "package b\n\n//onex:operations type=effect service=s get\ntype Good struct{}\n\n//onex:operations type=effect get\ntype Bad struct{}\n",
		"c/c.go": "package c\n",
	})
	pkgs, err := annotate.Load(context.Background(), annotate.Config{Dir: dir}, "./...")
	var diags annotate.Diagnostics
	if !errors.As(err, &diags) {
		t.Fatalf("error %v", err)
	}
	want := filepath.Join(dir, "b", "b.go") + ":6:1: service is missing; add service=<the service that the node belongs to>"
	if err.Error() != want || len(diags) != 1 {
		t.Errorf("error\n     %v\nwant %v", err, want)
	}

	var got []string
	for _, p := range pkgs {
		for _, n := range p.Nodes {
			got = append(got, fmt.Sprint(p.Path, p.Faulty, n.Package, n.Name, filepath.Base(n.File), n.Pos.Line))
		}
	}
	if want := []string{"example.com/m/a" + "false" + "a" + "A" + "a.go" + "6", "example.com/m/b" + "true" + "b" + "Good" + "b.go" + "4"}; len(pkgs) != 3 || !reflect.DeepEqual(got, want) {
		t.Errorf("%d packages, nodes %q, want %q", len(pkgs), got, want)
	}
	node := pkgs[0].Nodes[0]
	wantOps := []annotate.Operation{
		{Name: "get", Input: &annotate.Type{Source: "*http.Request", Imports: []annotate.Import{{Name: "http", Path: "net/http"}}}, Pos: node.Operations[0].Pos},
		{Name: "put", Input: &annotate.Untyped, Result: &annotate.Untyped, Pos: node.Operations[1].Pos},
	}
	if !reflect.DeepEqual(node.Operations, wantOps) {
		t.Errorf("operations %+v, want %+v", node.Operations, wantOps)
	}
}

// The files that a configuration calls generated are no source, are hidden
// from the go command, and are listed, also where nothing else is left.
func TestLoadHidesGeneratedFiles(t *testing.T) {
	generated := "// generated\n"
	dir := module(t, map[string]string{
		"a/a.go":     "package a\n",
		"a/x_gen.go": generated + "<<<<<<<\npackage other\n\n//onex:operations type=effect service=s get\ntype A struct{}\n",
		"a/y_gen.go": "package a\n\n// Not generated, but named so.\n\n//onex:operations type=effect service=s get\ntype Y struct{}\n",
		"b/x_gen.go": generated,
		"c/x_gen.go": generated,
		"c/go.mod":   "module example.com/other\n",
	})
	cfg := annotate.Config{Dir: dir, Generated: func(base string, content func() ([]byte, error)) bool {
		src, err := content()
		return strings.HasSuffix(base, "_gen.go") && err == nil && strings.HasPrefix(string(src), generated)
	}}
	for _, patterns := range [][]string{{"./..."}, {"./a", "./b"}, {"example.com/m/...", "./b"}} {
		pkgs, err := annotate.Load(context.Background(), cfg, patterns...)
		if err != nil {
			t.Fatalf("%v: %v", patterns, err)
		}
		var got []string
		for _, p := range pkgs {
			for _, g := range p.Generated {
				rel, err := filepath.Rel(dir, g)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, rel)
			}
			for _, n := range p.Nodes {
				got = append(got, n.Name)
			}
		}
		if want := []string{"a/x_gen.go", "Y", "b/x_gen.go"}; !reflect.DeepEqual(got, want) {
			t.Errorf("%v: %q, want %q", patterns, got, want)
		}
	}
}

func TestLoadOutsideOfAModule(t *testing.T) {
	pkgs, err := annotate.Load(context.Background(), annotate.Config{Dir: t.TempDir()})
	var diags annotate.Diagnostics
	if err == nil || errors.As(err, &diags) || !strings.HasPrefix(err.Error(), "load packages: ") {
		t.Errorf("%v, error %v", pkgs, err)
	}
}

func TestLoadIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	dir := module(t, map[string]string{"a.go": "package a\n"})
	if _, err := annotate.Load(ctx, annotate.Config{Dir: dir}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func ExampleLoad() {
	pkgs, err := annotate.Load(context.Background(), annotate.Config{Dir: "../example"}, "./...")
	if err != nil {
		log.Fatal(err)
	}
	for _, pkg := range pkgs {
		for _, node := range pkg.Nodes {
			fmt.Printf("%s.%s is a node of type %s and service %s\n", node.Package, node.Name, node.Type, node.Service)
			for _, op := range node.Operations {
				fmt.Println("  ", op.Name)
			}
		}
	}
	// Output:
	// stamping.Stamper is a node of type effect and service stamping
	//    stamp
	// stamping.Digester is a node of type compute and service stamping
	//    digest
	// tally.Tally is a node of type reducer and service tally
	//    aggregation
	// workflow.Orchestrator is a node of type orchestrator and service workflow
	//    orchestration
	//    routing
}
