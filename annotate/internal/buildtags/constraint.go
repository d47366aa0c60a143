package buildtags

import (
	"go/ast"
	"go/build/constraint"
	"path/filepath"
	"slices"
	"strings"
)

// Of returns the expression under which a file is compiled: its
// //go:build line, what its name says, and that it uses C. "" means always.
func Of(file *ast.File, name string) string {
	terms := writtenConstraint(file)
	for _, tag := range nameTags(name) {
		terms = append(terms, &constraint.TagExpr{Tag: tag})
	}
	if slices.ContainsFunc(file.Imports, func(i *ast.ImportSpec) bool { return i.Path.Value == `"C"` }) {
		terms = append(terms, &constraint.TagExpr{Tag: "cgo"})
	}
	if len(terms) == 0 {
		return ""
	}
	expr := terms[0]
	for _, term := range terms[1:] {
		expr = &constraint.AndExpr{X: expr, Y: term}
	}
	return expr.String()
}

// writtenConstraint returns the //go:build line in front of the package
// clause, or else the // +build lines there, all of which have to hold.
func writtenConstraint(file *ast.File) (terms []constraint.Expr) {
	for _, group := range file.Comments {
		if group.Pos() > file.Package {
			break
		}
		for _, c := range group.List {
			isLine := constraint.IsGoBuild(c.Text)
			// The go command takes a // +build line in the package's doc
			// comment for prose.
			if !isLine && (!constraint.IsPlusBuild(c.Text) || group == file.Doc) {
				continue
			}
			expr, err := constraint.Parse(c.Text)
			switch {
			case err != nil:
			case isLine:
				return []constraint.Expr{expr}
			default:
				terms = append(terms, expr)
			}
		}
	}
	return terms
}

// nameTags returns the GOOS and the GOARCH that end a file's name, as in
// disk_linux.go, disk_arm64_test.go and disk_linux_arm64.go.
func nameTags(name string) []string {
	base, _, _ := strings.Cut(filepath.Base(name), ".")
	base = strings.TrimSuffix(base, "_test")
	words := strings.Split(base, "_")[1:] // a whole name is no constraint
	n := len(words)
	switch {
	case n >= 2 && slices.Contains(knownOS, words[n-2]) && slices.Contains(knownArch, words[n-1]):
		return words[n-2:]
	case n >= 1 && (slices.Contains(knownOS, words[n-1]) || slices.Contains(knownArch, words[n-1])):
		return words[n-1:]
	}
	return nil
}

// The names that the go command recognises in file names (go help
// buildconstraint); they include systems and processors that it no longer
// builds for.
var (
	knownOS = strings.Fields(`aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd
		openbsd plan9 solaris wasip1 windows zos`)
	knownArch = strings.Fields(`386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64
		mips64le mips64p32 mips64p32le ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm`)
)
