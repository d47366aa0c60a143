package annotate_test

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/emit"
)

// Whatever valid directive stands on a struct, the type checker accepts what
// is generated for it, beside whatever else the package declares.
func FuzzPipeline(f *testing.F) {
	for _, seed := range []string{"", "onexevents", "\x01\x02\x03\x04\x05\x06\x07\x08\x09", strings.Repeat("\xff\x7f\x3f", 30), strings.Repeat("\x05\x11\x17\x1d", 20)} {
		f.Add([]byte(seed))
	}
	check := checker(f)
	f.Fuzz(func(t *testing.T, choices []byte) {
		src := (&author{choices}).file()
		nodes, diags := annotate.Read("a.go", []byte(src))
		if len(diags) > 0 || len(nodes) != 1 {
			t.Fatalf("%d nodes, and %v, in\n%s", len(nodes), diags.Err(), src)
		}
		generated, err := emit.Package(&annotate.Package{Nodes: nodes})
		if err != nil {
			t.Fatalf("%v, in\n%s", err, src)
		}
		if err := check(src, string(generated[0].Source)); err != nil {
			t.Fatalf("%v, in\n%s\n%s", err, src, generated[0].Source)
		}
	})
}

// author writes a file with a node in it, choice by choice.
type author struct{ choices []byte }

func (a *author) number(n int) int {
	if len(a.choices) == 0 {
		return 0
	}
	c := int(a.choices[0])
	a.choices = a.choices[1:]
	return c % n
}

func (a *author) one(of ...string) string { return of[a.number(len(of))] }

func (a *author) file() string {
	name := a.one("Stamper", "stamper", "HTTPGateway", "Ünï", "err", "node", "_x", "E", "input", "ctx")
	params, args := "", ""
	if a.number(3) == 0 {
		params = a.one("[T any]", "[K comparable, V any]", "[_ any, T ~int | ~string]", "[S ~[]E_, E_ any]", "[P url.Values]", "[time any, onex comparable]")
		if param := params[1:strings.IndexAny(params, " ,")]; param != "_" {
			args = param
		}
	}
	var ops []string
	seen := map[string]bool{}
	for range 1 + a.number(4) {
		op := a.operation() + a.one("", "", "@2", "@11")
		if !seen[op] {
			seen[op] = true
			ops = append(ops, op+a.types(args))
		}
	}
	return fmt.Sprintf(`package a

import (
	"net/url"
	tm "time"
)

//onex:operations type=%s service=%s %s %s
//onex:operations %s
type %s%s struct{}

type (
	Request struct{ At tm.Time }
	Phase   string
	Page[T any] []T
	input   int
	opts    []url.Values
	ctx_    struct{}
)
`, a.one(annotate.NodeTypes...), a.one("s", "s-1", "a_b-c9"), a.one("", "state=false", "state=Phase", "state=url.Error", "state=opts_"),
		a.one("", "metric=false"), strings.Join(ops, a.one(" ", ",", ", ")), rename(name), params) + a.others()
}

// rename keeps a node clear of the types that the file declares for others.
func rename(name string) string {
	if name == "input" {
		return "input_"
	}
	return name
}

func (a *author) operation() string {
	return a.one("stamp", "type", "range", "nil", "string", "error", "http_get", "user_id", "a1", "x_2_y", "state", "metric",
		"func", "node", "started", "run", "query_index", "context", "publish", "int")
}

// others are declarations under the names that generated code would like to
// have for itself.
func (a *author) others() string {
	return "\ntype opts_ string\n\nvar _ tm.Time\n" + a.one("", "\nvar onexruntime, googleuuid int\n", "\ntype uuid struct{}\n", "\nfunc stdcontext() {}\n")
}

func (a *author) types(param string) string {
	switch a.number(5) {
	case 0:
		return ""
	case 1:
		return "()"
	case 2:
		return "(" + a.typ(param, 2) + ")"
	case 3:
		return "(," + a.typ(param, 2) + ")"
	default:
		return "(" + a.typ(param, 2) + a.one(",", ", ", " ,") + a.typ(param, 2) + ")"
	}
}

func (a *author) typ(param string, depth int) string {
	if depth == 0 {
		return a.one("int", "string", "Request", "*Request", "url.URL", "tm.Duration", "input", "opts", "any", "ctx_", param)
	}
	inner := func() string {
		if t := a.typ(param, depth-1); t != "" {
			return t
		}
		return "error"
	}
	switch a.number(9) {
	case 0:
		return "[]" + inner()
	case 1:
		return "map[string]" + inner()
	case 2:
		return "*" + inner()
	case 3:
		return "Page[" + inner() + "]"
	case 4:
		return "func(a, b " + inner() + ") (" + inner() + ", error)"
	case 5:
		return "struct { X, Y " + inner() + "; Z " + inner() + " `json:\"z\"` }"
	case 6:
		return "chan<- (" + inner() + ")"
	case 7:
		return "interface { M(" + inner() + ") }"
	default:
		return inner()
	}
}

// checker returns what type-checks the files of one package.
func checker(f *testing.F) func(files ...string) error {
	out, err := exec.Command("go", "list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}",
		"context", "time", "net/url", "github.com/google/uuid", "github.com/omninode-ai/onexevents/runtime").Output()
	if err != nil {
		f.Fatal(err)
	}
	exports := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		exports[path] = file
	}
	imp := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	return func(files ...string) error {
		fset := token.NewFileSet()
		var parsed []*ast.File
		for i, src := range files {
			file, err := parser.ParseFile(fset, fmt.Sprintf("%d.go", i), src, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			parsed = append(parsed, file)
		}
		_, err := (&types.Config{Importer: imp}).Check("example.com/a", fset, parsed, nil)
		return err
	}
}
