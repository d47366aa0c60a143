package house

import (
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

const module = "github.com/omninode-ai/onexevents/"

// Packages that users import. What somebody can call there is used by an Example of
// the same folder.
var forUsers = []string{
	"annotate", "emit", "envelope",
	"runtime", "runtime/spool", "runtime/spool/spooltest", "runtime/topics",
	"runtime/receive", "runtime/onextest", "runtime/onexhttp",
}

// notShown has what no Example has to use, with the reason. The names are those that
// go doc takes.
var notShown = map[string]string{
	"spooltest.Test": "takes a *testing.T, which an Example has not",
}

// ofGenerated are what a program calls through its generated methods, as the comment of
// package runtime says.
var ofGenerated = []string{
	"NewNode", "NewOperation", "NewOperationVersion", "Run", "RunNoResult", "RunNoInput", "RunBare", "StateChanged", "MetricRecorded",
	"Operation.Started", "Operation.Completed", "Operation.Failed",
}

// called are methods that others call than users: fmt, errors and encoding/json.
var called = []string{"String", "Error", "Unwrap", "Is", "As", "MarshalJSON", "UnmarshalJSON"}

func TestWhatUsersCallHasExamples(t *testing.T) {
	var patterns []string
	for _, p := range forUsers {
		patterns = append(patterns, module+p)
	}
	pkgs, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedTypes |
			packages.NeedSyntax | packages.NeedTypesInfo | packages.NeedForTest,
		Dir:   "../..",
		Tests: true,
	}, patterns...)
	if err != nil {
		t.Fatal(err)
	}
	offered := map[string][]offer{} // by package: what its users call
	shown := map[string]map[string]bool{}
	for _, p := range pkgs {
		if len(p.Errors) > 0 {
			t.Fatalf("%s: %v", p.ID, p.Errors[0])
		}
		folder := strings.TrimSuffix(p.PkgPath, "_test")
		switch {
		case strings.HasSuffix(p.PkgPath, ".test"):
		case p.ForTest == "":
			offered[folder] = offers(p)
		default:
			if shown[folder] == nil {
				shown[folder] = map[string]bool{}
			}
			addShown(shown[folder], p)
		}
	}
	if len(offered) != len(forUsers) {
		t.Fatalf("%d packages are loaded, want %d", len(offered), len(forUsers))
	}
	excused := map[string]bool{}
	for folder, offers := range offered {
		if len(offers) == 0 {
			t.Errorf("%s: nothing to call is found", folder)
		}
		for _, o := range offers {
			short := shortName(o.name)
			reason := notShown[short]
			if name, isRuntime := strings.CutPrefix(short, "runtime."); isRuntime && slices.Contains(ofGenerated, name) {
				continue
			}
			excused[short] = true
			switch isShown := shown[folder][o.name] || slices.ContainsFunc(o.as, func(name string) bool { return shown[folder][name] }); {
			case !isShown && reason == "":
				t.Errorf("%s: no Example of the package uses it; write one into an example_test.go there, or say in notShown why not", short)
			case isShown && reason != "":
				t.Errorf("%s: an Example uses it; take it out of notShown", short)
			}
		}
	}
	for name := range notShown {
		if !excused[name] {
			t.Errorf("notShown has %s, which is not there to be called", name)
		}
	}
}

// offer is a function or a method by its full name, with the methods of the package's
// interfaces under which it can be called too.
type offer struct {
	name string
	as   []string
}

// offers returns a package's exported functions, and the exported methods of its
// exported types.
func offers(p *packages.Package) (list []offer) {
	scope := p.Types.Scope()
	for _, name := range scope.Names() {
		switch o := scope.Lookup(name).(type) {
		case *types.Func:
			if o.Exported() {
				list = append(list, offer{name: o.FullName()})
			}
		case *types.TypeName:
			named, ok := types.Unalias(o.Type()).(*types.Named)
			if !o.Exported() || o.IsAlias() || !ok {
				continue
			}
			for m := range named.Methods() {
				if m.Exported() && !slices.Contains(called, m.Name()) {
					list = append(list, offer{m.FullName(), asInterfaces(scope, named, m.Name())})
				}
			}
		}
	}
	return list
}

func asInterfaces(scope *types.Scope, named *types.Named, method string) (names []string) {
	for _, name := range scope.Names() {
		o := scope.Lookup(name)
		i, ok := o.Type().Underlying().(*types.Interface)
		if _, isType := o.(*types.TypeName); !ok || !isType || named.TypeParams() != nil || !types.Implements(types.NewPointer(named), i) {
			continue
		}
		for m := range i.Methods() {
			if m.Name() == method {
				names = append(names, m.FullName())
			}
		}
	}
	return names
}

// addShown adds the full names of all functions that the Examples of a package use,
// also by what stands beside them in a file of examples.
func addShown(names map[string]bool, p *packages.Package) {
	for _, f := range p.Syntax {
		file := path.Base(p.Fset.Position(f.Pos()).Filename)
		for _, d := range f.Decls {
			fn, isFunc := d.(*ast.FuncDecl)
			if isFunc && strings.HasPrefix(fn.Name.Name, "Example") || strings.HasSuffix(file, "example_test.go") && !isFunc {
				addUses(names, p, d, map[token.Pos]bool{})
			}
		}
	}
}

// addUses adds the functions that a declaration uses, and follows it to the methods and
// functions of its own file.
func addUses(names map[string]bool, p *packages.Package, d ast.Node, seen map[token.Pos]bool) {
	if seen[d.Pos()] {
		return
	}
	seen[d.Pos()] = true
	ast.Inspect(d, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if f, ok := p.TypesInfo.Uses[id].(*types.Func); ok {
				names[f.Origin().FullName()] = true
				if own := declaration(p, f.Origin().Pos()); own != nil {
					addUses(names, p, own, seen)
				}
			}
		}
		return true
	})
}

func declaration(p *packages.Package, at token.Pos) ast.Node {
	for _, f := range p.Syntax {
		if !strings.HasSuffix(p.Fset.Position(f.Pos()).Filename, "_test.go") || at < f.FileStart || at > f.FileEnd {
			continue
		}
		i := slices.IndexFunc(f.Decls, func(d ast.Decl) bool { return d.Pos() <= at && at < d.End() })
		if i >= 0 {
			return f.Decls[i]
		}
	}
	return nil
}

// shortName makes (*example.com/a/spool.Spool).Close the name that go doc takes:
// spool.Spool.Close.
func shortName(full string) string {
	full = strings.NewReplacer("(", "", ")", "", "*", "").Replace(full)
	full = strings.TrimSuffix(full, "]")
	receiver, rest, generic := strings.Cut(full, "[")
	if generic {
		if _, method, isMethod := strings.Cut(rest, "]."); isMethod {
			receiver += "." + method
		}
	}
	return path.Base(receiver)
}
