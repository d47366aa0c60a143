package annotate

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"reflect"
	"slices"
	"strconv"

	"github.com/omninode-ai/onexevents/annotate/internal/buildtags"
	"github.com/omninode-ai/onexevents/annotate/internal/grammar"
)

// source is a file in which directives can stand.
type source struct {
	name     string // absolute
	excluded bool   // by its build constraints, here and now
}

// declared is what the files of a folder declare at package level, and import,
// by the name in their package clauses: a folder can hold the packages a and
// a_test.
type declared struct {
	names   map[string][]Declaration
	indexes map[string]*index // of names
	imports map[string][]fileImport
}

// fileImport is an import of one file.
type fileImport struct {
	file, name, path string // name is "" where the import has none
	pos              token.Position
}

// declaredIn reads the files. Of one that does not parse, it takes what the
// parser has made of it, and, if the file is compiled, says what is wrong.
func declaredIn(sources []source) (found declared, broken Diagnostics) {
	found = declared{names: map[string][]Declaration{}, imports: map[string][]fileImport{}}
	for _, source := range sources {
		src, err := os.ReadFile(source.name)
		if err != nil {
			continue // who reads it for its directives reports it
		}
		d := declarer{fset: token.NewFileSet(), src: src}
		file, err := parser.ParseFile(d.fset, source.name, withoutLines(src), parser.ParseComments|parser.SkipObjectResolution)
		if err != nil && !source.excluded {
			broken = append(broken, syntaxErrors(source.name, err, "what this file declares is not known until it parses")...)
		}
		if file != nil && file.Name != nil {
			d.constraint = buildtags.Of(file, source.name)
			d.file(file)
			found.names[file.Name.Name] = append(found.names[file.Name.Name], d.found...)
			found.imports[file.Name.Name] = append(found.imports[file.Name.Name], d.imports...)
		}
	}
	found.indexes = map[string]*index{}
	for name, list := range found.names {
		found.indexes[name] = newIndex(list)
	}
	return found, broken
}

// declarer collects the declarations of one file.
type declarer struct {
	fset       *token.FileSet
	src        []byte
	constraint string
	found      []Declaration
	imports    []fileImport
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
		d.add(decl.Name, Declaration{Kind: "func"})
	} else if len(decl.Recv.List) == 1 {
		d.add(decl.Name, Declaration{Kind: "method", Recv: receiver(decl.Recv.List[0].Type)})
	}
}

func (d *declarer) spec(tok token.Token, spec ast.Spec) {
	switch spec := spec.(type) {
	case *ast.ImportSpec:
		d.importSpec(spec)
	case *ast.TypeSpec:
		d.add(spec.Name, d.typeSpec(spec, Declaration{
			Kind: "type", TypeParams: spec.TypeParams.NumFields(), IsConstraint: isConstraint(spec.Type), Underlying: nameOf(spec.Type), IsOpaque: isOpaque(spec.Type),
		}))
	case *ast.ValueSpec:
		for _, name := range spec.Names {
			d.add(name, Declaration{Kind: tok.String()})
		}
	}
}

func (d *declarer) importSpec(spec *ast.ImportSpec) {
	path, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return
	}
	i := fileImport{path: path, pos: d.fset.PositionFor(spec.Pos(), false)}
	i.file = i.pos.Filename
	if spec.Name != nil {
		i.name = spec.Name.Name
	}
	d.imports = append(d.imports, i)
	if spec.Name != nil && spec.Name.Name != "." {
		d.add(spec.Name, Declaration{Kind: "import", Path: path})
	}
}

func (d *declarer) add(name *ast.Ident, what Declaration) {
	if name.Name != "_" {
		what.Name, what.Constraint, what.Pos = name.Name, d.constraint, d.fset.PositionFor(name.Pos(), false)
		d.found = append(d.found, what)
	}
}

// typeSpec adds what a type is, as far as its own file shows it.
func (d *declarer) typeSpec(spec *ast.TypeSpec, is Declaration) Declaration {
	is.IsAlias = spec.Assign.IsValid()
	strukt, ok := spec.Type.(*ast.StructType)
	if !ok {
		is.Type = d.typeOf(spec.Type)
		return is
	}
	is.IsStruct = true
	for _, f := range strukt.Fields.List {
		field := Field{Type: d.typeOf(f.Type)}
		if f.Tag != nil {
			tag, _ := strconv.Unquote(f.Tag.Value)
			field.JSON, field.HasJSON = reflect.StructTag(tag).Lookup("json")
		}
		if f.Names == nil {
			field.Name, field.Embedded = receiver(f.Type), true
			if outer := selected(f.Type); outer != "" {
				field.Name = outer
			}
			is.Fields = append(is.Fields, field)
		}
		for _, name := range f.Names {
			field.Name = name.Name
			is.Fields = append(is.Fields, field)
		}
	}
	return is
}

// selected returns the name of an embedded type of another package.
func selected(typ ast.Expr) string {
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	if sel, ok := typ.(*ast.SelectorExpr); ok {
		return sel.Sel.Name
	}
	return ""
}

// typeOf returns a type as the file spells it. An import without a name is known
// by the end of its path, which is its name more often than not.
func (d *declarer) typeOf(typ ast.Expr) Type {
	file := d.fset.File(typ.Pos())
	if file == nil { // the file does not parse
		return Type{}
	}
	begin, end := file.Offset(typ.Pos()), file.Offset(typ.End())
	t := Type{Source: string(d.src[begin:end])}
	seen := map[string]bool{}
	ast.Inspect(typ, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := sel.X.(*ast.Ident); ok && !seen[x.Name] {
			seen[x.Name] = true
			for _, i := range d.imports {
				if i.name == x.Name || i.name == "" && path.Base(i.path) == x.Name {
					t.Imports = append(t.Imports, Import{x.Name, i.path})
				}
			}
		}
		return true
	})
	return t
}

// isConstraint tells an interface that no value can have the type of.
func isConstraint(typ ast.Expr) bool {
	i, ok := typ.(*ast.InterfaceType)
	return ok && slices.ContainsFunc(i.Methods.List, func(f *ast.Field) bool {
		return grammar.IsUnion(f.Type) || len(f.Names) == 0 && nameOf(f.Type) == "comparable"
	})
}

func isOpaque(typ ast.Expr) bool {
	switch typ.(type) {
	case *ast.SelectorExpr, *ast.IndexExpr, *ast.IndexListExpr:
		return true
	}
	return false
}

// nameOf returns the name that a type is, if it is one without more.
func nameOf(typ ast.Expr) string {
	if name, ok := typ.(*ast.Ident); ok {
		return name.Name
	}
	return ""
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

// index finds the declarations of a package by their names, of which a package
// of many nodes is asked often.
type index struct {
	list   []Declaration
	byName map[string][]Declaration
}

func newIndex(list []Declaration) *index {
	x := &index{list, make(map[string][]Declaration, len(list))}
	for _, d := range list {
		x.byName[d.Name] = append(x.byName[d.Name], d)
	}
	return x
}

// declaredAs returns the declarations of a name in list, by the index if it is
// the one of that list.
func (x *index) declaredAs(list []Declaration, name string) []Declaration {
	if x != nil && len(list) == len(x.list) && (len(list) == 0 || &list[0] == &x.list[0]) {
		return x.byName[name]
	}
	var found []Declaration
	for _, d := range list {
		if d.Name == name {
			found = append(found, d)
		}
	}
	return found
}
