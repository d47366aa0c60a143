// Circles finds files of a folder that can only be read together: each uses a name that
// another of them declares, and so on round to itself. It prints the circles of each
// package with more than 6 files, and exits with 1 if there are any.
//
//	go run ./testdata/circles [-all] [packages]
//
// With -all it prints every circle, and by which names its files need each other.
//
// A name is a type, function, variable or constant of the package, a method or a field.
// Files of tests do not count.
package main

import (
	"flag"
	"fmt"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// most is how many files may have to be read together.
const most = 6

func main() {
	all := flag.Bool("all", false, "print every circle, and the names that make it")
	flag.Parse()
	tooLarge, err := run(os.Stdout, *all, flag.Args()...)
	if err != nil {
		fmt.Fprintln(os.Stderr, "circles:", err)
		os.Exit(2)
	}
	if tooLarge {
		os.Exit(1)
	}
}

// run prints the circles of packages, and tells whether one is too large.
func run(out io.Writer, all bool, patterns ...string) (tooLarge bool, err error) {
	pkgs, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedImports | packages.NeedTypes | packages.NeedSyntax | packages.NeedTypesInfo,
	}, patterns...)
	if err != nil {
		return false, err
	}
	for _, p := range pkgs {
		if len(p.Errors) > 0 {
			return false, fmt.Errorf("%s: %w", p.PkgPath, p.Errors[0])
		}
		files := usesOf(p)
		for _, c := range files.circles() {
			if !all && len(c) <= most {
				continue
			}
			tooLarge = tooLarge || len(c) > most
			fmt.Fprintf(out, "%s: %d of %d files: %s\n", p.PkgPath, len(c), len(files), strings.Join(c, " "))
			if all {
				files.explain(out, c)
			}
		}
	}
	return tooLarge, nil
}

// uses has, by file, which names of which other files it uses.
type uses map[string]map[string][]string

func usesOf(p *packages.Package) uses {
	u := uses{}
	base := func(at interface{ Pos() token.Pos }) string { return filepath.Base(p.Fset.Position(at.Pos()).Filename) }
	for _, f := range p.Syntax {
		u[base(f)] = map[string][]string{}
	}
	for id, o := range p.TypesInfo.Uses {
		if o.Pkg() != p.Types || !isName(o) {
			continue
		}
		if from, to := base(id), base(o); from != to && !slices.Contains(u[from][to], o.Name()) {
			u[from][to] = append(u[from][to], o.Name())
		}
	}
	return u
}

// isName tells whether an object is none of a function's own.
func isName(o types.Object) bool {
	switch o := o.(type) {
	case *types.Var:
		return o.IsField() || o.Parent() == o.Pkg().Scope()
	case *types.Func:
		return true
	default:
		return o.Parent() == o.Pkg().Scope()
	}
}

// circles returns the files that use each other, directly or not, each set sorted.
func (u uses) circles() (list [][]string) {
	reached := map[string]map[string]bool{}
	for f := range u {
		reached[f] = map[string]bool{}
		u.reach(f, reached[f])
	}
	for _, f := range slices.Sorted(maps.Keys(u)) {
		var c []string
		for other := range reached[f] {
			if reached[other][f] {
				c = append(c, other)
			}
		}
		if slices.Sort(c); len(c) > 1 && c[0] == f {
			list = append(list, c)
		}
	}
	return list
}

// reach adds the files that from uses, and those that they use.
func (u uses) reach(from string, reached map[string]bool) {
	for to := range u[from] {
		if !reached[to] {
			reached[to] = true
			u.reach(to, reached)
		}
	}
}

// explain prints by which names the files of a circle need each other.
func (u uses) explain(out io.Writer, circle []string) {
	for _, from := range circle {
		for _, to := range circle {
			if names := u[from][to]; len(names) > 0 {
				slices.Sort(names)
				fmt.Fprintf(out, "\t%s needs %s: %s\n", from, to, strings.Join(names, ", "))
			}
		}
	}
}
