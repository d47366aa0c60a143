package annotate

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
)

// declaredIn returns what the files of a folder declare at package level, by
// the name in their package clauses: a folder can hold the packages a and
// a_test. Of a file that does not parse, it returns what the parser has made
// of it, and, if the file is compiled, what is wrong.
func declaredIn(compiled, excluded []string) (declared map[string][]Declaration, broken Diagnostics) {
	declared = map[string][]Declaration{}
	add := func(names []string, excluded bool) {
		for _, name := range names {
			src, err := os.ReadFile(name)
			if err != nil {
				continue // who reads it for its directives reports it
			}
			d := declarer{fset: token.NewFileSet(), excluded: excluded}
			file, err := parser.ParseFile(d.fset, name, withoutLines(src), parser.SkipObjectResolution)
			if err != nil && !excluded {
				broken = append(broken, syntaxErrors(name, err, "what this file declares is not known until it parses")...)
			}
			if file != nil && file.Name != nil {
				d.file(file)
				declared[file.Name.Name] = append(declared[file.Name.Name], d.found...)
			}
		}
	}
	add(compiled, false)
	add(excluded, true)
	return declared, broken
}

// declarer collects the declarations of one file.
type declarer struct {
	fset     *token.FileSet
	excluded bool
	found    []Declaration
}

func (d *declarer) file(file *ast.File) {
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			d.function(decl)
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				d.spec(decl.Tok, spec)
			}
		}
	}
}

func (d *declarer) function(decl *ast.FuncDecl) {
	if decl.Recv == nil {
		d.add(decl.Name, "func", "")
	} else if len(decl.Recv.List) == 1 {
		d.add(decl.Name, "method", receiver(decl.Recv.List[0].Type))
	}
}

func (d *declarer) spec(tok token.Token, spec ast.Spec) {
	switch spec := spec.(type) {
	case *ast.ImportSpec:
		if spec.Name != nil && spec.Name.Name != "." {
			d.add(spec.Name, "import", "")
		}
	case *ast.TypeSpec:
		d.add(spec.Name, "type", "")
	case *ast.ValueSpec:
		for _, name := range spec.Names {
			d.add(name, tok.String(), "")
		}
	}
}

func (d *declarer) add(name *ast.Ident, kind, recv string) {
	if name.Name != "_" {
		d.found = append(d.found, Declaration{
			Name: name.Name, Kind: kind, Recv: recv, Excluded: d.excluded, Pos: d.fset.PositionFor(name.Pos(), false),
		})
	}
}

// receiver returns the name of a receiver's type.
func receiver(expr ast.Expr) string {
	for {
		switch e := expr.(type) {
		case *ast.StarExpr:
			expr = e.X
		case *ast.ParenExpr:
			expr = e.X
		case *ast.IndexExpr:
			expr = e.X
		case *ast.IndexListExpr:
			expr = e.X
		case *ast.Ident:
			return e.Name
		default:
			return ""
		}
	}
}
