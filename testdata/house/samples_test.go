package house

import (
	"fmt"
	"go/ast"
	"go/doc"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

// around has what the samples of a package's comment take from their surroundings: the
// parameters of the function that each is made, and declarations beside it.
var around = map[string]struct{ parameters, declarations string }{
	"envelope":      {"record kgo.Record", ""},
	"runtime":       {"ctx context.Context, request Document, stamper struct{ stamp func(context.Context, Document) (Stamp, error) }", ""},
	"runtime/spool": {"dir string, seeds kgo.Opt", ""},
	"runtime/receive": {
		"ctx context.Context, r *kgo.Record, send func(context.Context, receive.Record) error, alert func(context.Context, string, string) error", "",
	},
	"runtime/onextest": {
		"t *testing.T, ctx context.Context, doc Document",
		"type Stamper struct{ events *StamperEvents }\nfunc (s *Stamper) Stamp(context.Context, Document) (Stamp, error) { panic(0) }",
	},
	"runtime/onexhttp":        {"addr string, mux http.Handler", ""},
	"runtime/spool/spooltest": {"", "type table struct{ onex.Spool }\nfunc newTable(*testing.T) *table { panic(0) }"},
}

// imports are what samples may name.
var imports = []string{
	"context", "net/http", "testing", "time", "log",
	"github.com/google/uuid", "github.com/twmb/franz-go/pkg/kgo",
	module + "envelope", module + "runtime", module + "runtime/spool", module + "runtime/spool/spooltest",
	module + "runtime/onextest", module + "runtime/onexhttp", module + "runtime/receive", module + "example/stamping",
}

// importer has the packages that were loaded, by their paths.
type importer map[string]*types.Package

func (i importer) Import(path string) (*types.Package, error) {
	if p := i[path]; p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("%s is not loaded", path)
}

// The Go samples in the comments of packages compile.
func TestSamplesOfPackagesCompile(t *testing.T) {
	pkgs, err := packages.Load(&packages.Config{Mode: packages.NeedName | packages.NeedImports | packages.NeedTypes, Dir: "../.."}, imports...)
	if err != nil {
		t.Fatal(err)
	}
	loaded := importer{}
	for _, p := range pkgs {
		loaded[p.PkgPath] = p.Types
	}
	checked := 0
	for _, folder := range forUsers {
		for _, sample := range samplesOf(t, folder) {
			checked++
			for _, fault := range compile(t, loaded, folder, sample) {
				t.Errorf("%s: %s, in\n%s", folder, fault, sample)
			}
		}
	}
	if checked < 8 {
		t.Errorf("only %d samples are found", checked)
	}
}

// samplesOf returns the blocks of a package's comment that call the package.
func samplesOf(t *testing.T, folder string) (samples []string) {
	fset := token.NewFileSet()
	names, err := filepath.Glob(filepath.Join("..", "..", folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		if !strings.HasSuffix(name, "_test.go") {
			f, err := parser.ParseFile(fset, name, nil, parser.ParseComments|parser.PackageClauseOnly)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, f)
		}
	}
	p, err := doc.NewFromFiles(fset, files, module+folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range new(comment.Parser).Parse(p.Doc).Content {
		if code, ok := block.(*comment.Code); ok && strings.Contains(code.Text, p.Name+".") && strings.Contains(code.Text, "(") {
			samples = append(samples, code.Text)
		}
	}
	return samples
}

// compile returns what is wrong with a sample.
func compile(t *testing.T, loaded importer, folder, sample string) (faults []string) {
	with := around[folder]
	var src strings.Builder
	src.WriteString("package sample\n")
	for _, path := range imports {
		switch path {
		case module + "runtime":
			fmt.Fprintf(&src, "import onex %q\n", path)
		default:
			fmt.Fprintf(&src, "import %q\n", path)
		}
	}
	if strings.HasPrefix(sample, "func ") {
		src.WriteString(sample)
	} else {
		fmt.Fprintf(&src, "func _(%s) {\n%s}\n", with.parameters, sample)
	}
	src.WriteString("type Document = stamping.Document\ntype Stamp = stamping.Stamp\ntype StamperEvents = stamping.StamperEvents\nvar NewStamperEvents = stamping.NewStamperEvents\n")
	src.WriteString(with.declarations)
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "sample.go", src.String(), parser.SkipObjectResolution)
	if err != nil {
		return []string{err.Error()}
	}
	unused := []string{"declared and not used", "imported and not used", "imported as"}
	conf := types.Config{Importer: loaded, Error: func(err error) {
		message := err.(types.Error).Msg
		if !slices.ContainsFunc(unused, func(s string) bool { return strings.Contains(message, s) }) {
			faults = append(faults, message)
		}
	}}
	_, _ = conf.Check("sample", fset, []*ast.File{f}, nil)
	return faults
}
