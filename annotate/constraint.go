package annotate

import (
	"go/ast"
	"go/build/constraint"
	"path/filepath"
	"slices"
	"strings"
)

// buildConstraint returns the expression under which a file is compiled: its
// //go:build line and what its name says. "" means always.
func buildConstraint(file *ast.File, name string) string {
	var expr constraint.Expr
	for _, group := range file.Comments {
		if group.Pos() > file.Package {
			break
		}
		for _, c := range group.List {
			if !constraint.IsGoBuild(c.Text) {
				continue
			}
			if x, err := constraint.Parse(c.Text); err == nil {
				expr = x
			}
		}
	}
	for _, tag := range nameTags(name) {
		if expr == nil {
			expr = &constraint.TagExpr{Tag: tag}
		} else {
			expr = &constraint.AndExpr{X: &constraint.TagExpr{Tag: tag}, Y: expr}
		}
	}
	if expr == nil {
		return ""
	}
	return expr.String()
}

// nameTags returns the GOOS and the GOARCH that end a file's name, as in
// disk_linux.go, disk_arm64_test.go and disk_linux_arm64.go, last first.
func nameTags(name string) []string {
	base := strings.TrimSuffix(filepath.Base(name), ".go")
	base = strings.TrimSuffix(base, "_test")
	words := strings.Split(base, "_")[1:] // a whole name is no constraint
	n := len(words)
	switch {
	case n >= 2 && slices.Contains(knownOS, words[n-2]) && slices.Contains(knownArch, words[n-1]):
		return []string{words[n-1], words[n-2]}
	case n >= 1 && (slices.Contains(knownOS, words[n-1]) || slices.Contains(knownArch, words[n-1])):
		return []string{words[n-1]}
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
