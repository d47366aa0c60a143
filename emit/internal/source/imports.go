package source

import (
	"go/scanner"
	"go/token"
	"iter"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/emit/internal/naming"
)

// What generated code imports for itself.
const (
	cmpPath     = "cmp"
	contextPath = "context"
	timePath    = "time"
	uuidPath    = "github.com/google/uuid"
	runtimePath = "github.com/omninode-ai/onexevents/runtime"
)

// imports decides what each import of a file is called there. The types of the
// directive keep the names that they have in the node's file; what the
// generated code needs for itself makes way.
type imports struct {
	names map[string]string      // by path
	used  map[string]bool        // by path
	spelt map[[2]string]jen.Code // qualified names, by path and name
}

func importsOf(n *annotate.Node, known *naming.Declared) *imports {
	im := &imports{names: map[string]string{}, used: map[string]bool{}, spelt: map[[2]string]jen.Code{}}
	inUse := map[string]bool{}
	for _, name := range naming.Reserved {
		inUse[name] = true
	}
	for _, p := range n.TypeParams {
		inUse[p.Name] = true
	}
	name := func(path string, candidates ...string) {
		if _, ok := im.names[path]; ok {
			return
		}
		name := firstFreeOf(func(name string) bool { return inUse[name] || known.Objects[name] }, candidates)
		im.names[path] = name
		inUse[name] = true
	}
	for _, t := range typesOf(n) {
		for _, i := range t.Imports {
			name(i.Path, i.Name)
		}
	}
	name(cmpPath, "cmp", "stdcmp")
	name(contextPath, "context", "stdcontext")
	name(timePath, "time", "stdtime")
	name(uuidPath, "uuid", "googleuuid")
	name(runtimePath, "onex", "onexruntime")
	return im
}

// firstFree returns the first candidate that is not in use, if need be the
// last one with a number.
func firstFree(inUse map[string]bool, candidates []string) string {
	return firstFreeOf(func(name string) bool { return inUse[name] }, candidates)
}

func firstFreeOf(inUse func(string) bool, candidates []string) string {
	for _, c := range candidates {
		if !inUse(c) {
			return c
		}
	}
	last := candidates[len(candidates)-1]
	for i := 2; ; i++ {
		if c := last + strconv.Itoa(i); !inUse(c) {
			return c
		}
	}
}

// typesOf returns every type that a node's file spells.
func typesOf(n *annotate.Node) []annotate.Type {
	var types []annotate.Type
	for _, p := range n.TypeParams {
		types = append(types, p.Constraint)
	}
	for _, op := range n.Operations {
		for _, t := range []*annotate.Type{op.Input, op.Result} {
			if t != nil {
				types = append(types, *t)
			}
		}
	}
	return append(types, n.State)
}

// qualified returns the name of what package path declares as name.
func (im *imports) qualified(path, name string) jen.Code {
	key := [2]string{path, name}
	if im.spelt[key] == nil {
		im.used[path] = true
		im.spelt[key] = dots(jen.Id(im.names[path]), jen.Id(name))
	}
	return im.spelt[key]
}

// rename replaces the qualifiers in a type by the names that their packages
// have in the generated file.
func (im *imports) rename(t annotate.Type) string {
	if len(t.Imports) == 0 {
		return t.Source
	}
	var b strings.Builder
	copied := 0
	for word := range identifiers(t.Source) {
		i := slices.IndexFunc(t.Imports, func(i annotate.Import) bool { return i.Name == word.name })
		if i < 0 || !word.qualifies {
			continue
		}
		path := t.Imports[i].Path
		im.used[path] = true
		b.WriteString(t.Source[copied:word.at])
		b.WriteString(im.names[path])
		copied = word.at + len(word.name)
	}
	b.WriteString(t.Source[copied:])
	return b.String()
}

// identifier is one that stands by itself or in front of a period.
type identifier struct {
	name      string
	at        int
	qualifies bool // a period follows
}

// identifiers goes through a type's identifiers, except for those behind a
// period.
func identifiers(src string) iter.Seq[identifier] {
	return func(yield func(identifier) bool) {
		var s scanner.Scanner
		file := token.NewFileSet().AddFile("", -1, len(src))
		s.Init(file, []byte(src), nil, 0)
		var last identifier
		before := token.ILLEGAL
		for {
			pos, tok, lit := s.Scan()
			if last.name != "" {
				last.qualifies = tok == token.PERIOD
				if !yield(last) {
					return
				}
				last = identifier{}
			}
			if tok == token.EOF {
				return
			}
			if tok == token.IDENT && before != token.PERIOD {
				last = identifier{name: lit, at: file.Offset(pos)}
			}
			before = tok
		}
	}
}

// declaration returns the import declaration for what was used, the standard
// library first.
func (im *imports) declaration() jen.Code {
	var std, others []string
	for p := range im.used {
		if first, _, _ := strings.Cut(p, "/"); strings.Contains(first, ".") {
			others = append(others, p)
		} else {
			std = append(std, p)
		}
	}
	return jen.Id("import").Custom(definitions, im.specs(std), im.specs(others))
}

// specs returns the imports of some paths, in their order.
func (im *imports) specs(paths []string) jen.Code {
	slices.Sort(paths)
	var specs []jen.Code
	for _, p := range paths {
		spec := jen.Lit(p)
		if name := im.names[p]; name != path.Base(p) {
			spec = jen.Id(name).Lit(p)
		}
		specs = append(specs, spec)
	}
	return jen.Custom(rows, specs...)
}
