package annotate

import (
	"go/ast"
	"go/token"

	"github.com/omninode-ai/onexevents/annotate/internal/golist"
)

// sourceFile is one file on the way from its bytes to its nodes.
type sourceFile struct {
	name  string // absolute
	fset  *token.FileSet
	ast   *ast.File
	src   []byte
	scope *scope
	diags Diagnostics

	typeParamNames []string // of the struct that is being read
}

// scope is what the files of a package have in common.
type scope struct {
	names    *golist.Names
	declared func() declared
}

// declared returns what the file's package declares.
func (f *sourceFile) declared() []Declaration { return f.scope.declared().names[f.ast.Name.Name] }

func (f *sourceFile) index() *index { return f.scope.declared().indexes[f.ast.Name.Name] }

// declaredAs returns what the file's package declares under a name.
func (f *sourceFile) declaredAs(name string) []Declaration {
	return f.index().declaredAs(f.declared(), name)
}

func (f *sourceFile) report(pos token.Pos, format string, args ...any) {
	f.diags.add(f.position(pos), format, args...)
}

// position ignores //line comments: a directive is where its file has it.
func (f *sourceFile) position(pos token.Pos) token.Position {
	return f.fset.PositionFor(pos, false)
}

func (f *sourceFile) line(pos token.Pos) int { return f.position(pos).Line }

// shortPos is how one message points at another place in the same file.
func (f *sourceFile) shortPos(pos token.Pos) string { return short(f.position(pos)) }
