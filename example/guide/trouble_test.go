package guide_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// The page has every cause, log line, reason and error that the runtime has, and no
// other.
func TestTroubleIsComplete(t *testing.T) {
	files := sources(t, "../../runtime")
	causes := constants(files, "Cause")
	hold(t, "trouble.md", "## Causes", causes)
	for _, cells := range table(t, "trouble.md", "## Causes") {
		cause := onex.Cause(strings.Trim(cells[0], "`"))
		if remedy := cause.Remedy(); remedy != cells[2] && remedy != "" {
			t.Errorf("the remedy of %s is %q, and the page has %q", cause, remedy, cells[2])
		}
	}
	hold(t, "trouble.md", "## Reasons", constants(files, "LossReason"))
	hold(t, "trouble.md", "## Errors", errorsOf(files))
	hold(t, "trouble.md", "## Log lines", logLines(files))
}

// hold reports what a table of a page lacks or has beyond, in the code spans of its first
// column. A name that begins or ends with … stands for all that end or begin so.
func hold(t *testing.T, page, heading string, names []string) {
	t.Helper()
	var has []string
	for _, cells := range table(t, page, heading) {
		for _, span := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cells[0], -1) {
			has = append(has, span[1])
		}
	}
	is := func(name, shown string) bool {
		return name == shown || strings.HasPrefix(name, "…") && strings.HasSuffix(shown, name[len("…"):])
	}
	for _, name := range names {
		if !slices.ContainsFunc(has, func(shown string) bool { return is(name, shown) }) {
			t.Errorf("%s: %q is missing under %s", page, name, heading)
		}
	}
	for _, shown := range has {
		if !slices.ContainsFunc(names, func(name string) bool { return is(name, shown) }) {
			t.Errorf("%s: there is no %q, which stands under %s", page, shown, heading)
		}
	}
}

// table returns the cells of the table behind a heading, by row.
func table(t *testing.T, page, heading string) (rows [][]string) {
	t.Helper()
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), "\n"+heading)
	_, rest, found := strings.Cut(rest, "\n|---")
	if !found {
		t.Fatalf("%s has no table under %s", page, heading)
	}
	rest, _, _ = strings.Cut(rest, "\n\n")
	for line := range strings.Lines(rest[strings.Index(rest, "\n")+1:]) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		rows = append(rows, cells)
	}
	return rows
}

// sources parses the Go files of a folder and of those in it, but for tests.
func sources(t *testing.T, dir string) (files []*ast.File) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || isModule(path)):
			return fs.SkipDir
		case d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		files = append(files, file)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func isModule(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

// specs calls f for all that package onex declares with var or const.
func specs(files []*ast.File, f func(*ast.ValueSpec)) {
	for _, file := range files {
		for _, d := range file.Decls {
			if g, ok := d.(*ast.GenDecl); ok && file.Name.Name == "onex" && (g.Tok == token.CONST || g.Tok == token.VAR) {
				for _, s := range g.Specs {
					f(s.(*ast.ValueSpec))
				}
			}
		}
	}
}

// constants returns the values of the constants of a type.
func constants(files []*ast.File, typ string) (values []string) {
	specs(files, func(s *ast.ValueSpec) {
		if name, ok := s.Type.(*ast.Ident); ok && name.Name == typ {
			values = append(values, text(s.Values[0]))
		}
	})
	return values
}

// errorsOf returns the names of the errors that a program can tell.
func errorsOf(files []*ast.File) (names []string) {
	specs(files, func(s *ast.ValueSpec) {
		if name := s.Names[0].Name; strings.HasPrefix(name, "Err") {
			names = append(names, name)
		}
	})
	return names
}

// logLines returns what is said in calls of functions that log, and in fields called
// message; of what is put together, the end behind ….
func logLines(files []*ast.File) (lines []string) {
	consts := map[string]string{}
	specs(files, func(s *ast.ValueSpec) {
		if len(s.Values) == 1 {
			consts[s.Names[0].Name] = text(s.Values[0])
		}
	})
	said := func(x ast.Expr) {
		line := text(x)
		switch x := x.(type) {
		case *ast.BinaryExpr:
			line = "…" + text(x.Y)
		case *ast.Ident:
			line = consts[x.Name]
		}
		if strings.Contains(line, " ") && !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	logs := regexp.MustCompile(`^([wW]arn|Info|Log|log|complain)$`)
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				name := ""
				switch f := n.Fun.(type) {
				case *ast.SelectorExpr:
					name = f.Sel.Name
				case *ast.Ident:
					name = f.Name
				}
				if !logs.MatchString(name) {
					return true
				}
				for _, x := range n.Args {
					said(x)
				}
			case *ast.CompositeLit:
				if isMessages(n.Type) {
					for _, x := range n.Elts {
						said(x.(*ast.CompositeLit).Elts[0])
					}
				}
			}
			return true
		})
	}
	return lines
}

// isMessages tells whether a composite literal is a list of messages and more.
func isMessages(typ ast.Expr) bool {
	list, ok := typ.(*ast.ArrayType)
	if !ok {
		return false
	}
	of, ok := list.Elt.(*ast.StructType)
	return ok && len(of.Fields.List[0].Names) > 0 && of.Fields.List[0].Names[0].Name == "message"
}

// text returns what a string literal says, and "" of any other expression.
func text(x ast.Expr) string {
	lit, ok := x.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	value, _ := strconv.Unquote(lit.Value)
	return value
}
