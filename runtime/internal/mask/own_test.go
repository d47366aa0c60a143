package mask

import (
	"go/ast"
	"go/constant"
	"go/parser"
	gotoken "go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Nothing that this module says to people looks like a secret: no text in its
// sources stays another one when it is masked, whatever is put into it.
func TestOwnMessagesStay(t *testing.T) {
	root := filepath.Join("..", "..", "..")
	fillings := []string{"EOF", "dial tcp 10.0.0.1:9092: connect: connection refused", "127.0.0.1:9092", "orders", "2026-01-02"}
	n := 0
	for _, dir := range []string{"annotate", "cmd", "emit", "envelope", "runtime"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() && (d.Name() == "testdata" || d.Name() == "mask") {
				return filepath.SkipDir
			}
			if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return nil
			}
			files := gotoken.NewFileSet()
			file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(node ast.Node) bool {
				expr, ok := node.(ast.Expr)
				if !ok {
					return true
				}
				text, ok := textOf(expr)
				if !ok || !strings.Contains(text, " ") {
					return true
				}
				for _, filling := range fillings {
					n++
					said := filled(text, filling)
					if masked := Secrets(said); masked != said {
						t.Errorf("%s:\n %q\n is masked as %q", files.Position(expr.Pos()), said, masked)
					}
				}
				return false
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if n < 3000 {
		t.Errorf("only %d texts", n)
	}
}

// textOf returns the text of a literal, or of several that are put together with
// others.
func textOf(expr ast.Expr) (string, bool) {
	switch expr := expr.(type) {
	case *ast.BasicLit:
		if expr.Kind == gotoken.STRING {
			text := constant.StringVal(constant.MakeFromLiteral(expr.Value, gotoken.STRING, 0))
			return text, true
		}
	case *ast.BinaryExpr:
		if expr.Op != gotoken.ADD {
			return "", false
		}
		a, isA := textOf(expr.X)
		b, isB := textOf(expr.Y)
		if !isA && isB {
			a = "%v"
		}
		if !isB && isA {
			b = "%v"
		}
		return a + b, isA || isB
	}
	return "", false
}

// filled is a format with a text in place of its verbs.
func filled(format, with string) string {
	return strings.NewReplacer("%v", with, "%w", with, "%s", with, "%q", strconv.Quote(with), "%d", "42", "%T", "int", "%x", "ff", "%%", "%").Replace(format)
}
