package annotate

import (
	"go/doc"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/omninode-ai/onexevents/annotate/internal/grammar"
)

// ofC says what is wrong with a type of cgo.
const ofC = "a type of C cannot be named in another file; declare a Go type for it"

// importPath returns the path that a qualifier at pos refers to: by the imports
// of the file, the one with that name, or the one of those without a name whose
// package is called so; else by a blank import of the file, or by the imports of
// the other files of the package, where all that are called so agree. It
// reports a qualifier of no import.
func (f *sourceFile) importPath(qualifier string, pos token.Pos) (string, bool) {
	im := f.importSpecs()
	if path, ok := im.named[qualifier]; ok {
		return path, true
	}
	if qualifier == "C" {
		f.report(pos, "%s", ofC)
		return "", false
	}
	if certain := onlyOne(qualifier, im.unnamed); certain != "" {
		return certain, true
	}
	elsewhere, guesses := f.importedElsewhere(qualifier)
	if len(im.unnamed)+len(im.blank) == 0 && len(guesses) == 0 && len(elsewhere) == 1 {
		return elsewhere[0], true
	}
	found, err := f.scope.names.Find(qualifier, slices.Concat(im.unnamed, im.blank, guesses))
	among := func(paths []string) []string {
		return slices.DeleteFunc(slices.Clone(found), func(path string) bool { return !slices.Contains(paths, path) })
	}
	candidates := among(im.unnamed)
	if len(candidates) == 0 {
		candidates = among(im.blank)
		for _, path := range elsewhere {
			if slices.Contains(im.blank, path) && !slices.Contains(candidates, path) {
				candidates = append(candidates, path)
			}
		}
	}
	if len(candidates) == 0 {
		candidates = append(among(guesses), elsewhere...)
		slices.Sort(candidates)
		candidates = slices.Compact(candidates)
	}
	if len(candidates) == 0 && err != nil {
		candidates = likely(qualifier, im.unnamed) // without the go command it is the best there is
	}
	switch {
	case len(candidates) == 1:
		return candidates[0], true
	case len(candidates) > 1:
		f.report(pos, "%s is imported from %s; import the one that is meant in this file, as %s \"%s\", or as _ \"%s\" if nothing else here needs it",
			qualifier, strings.Join(candidates, " and from "), qualifier, candidates[0], candidates[0])
	case err != nil:
		f.report(pos, "no import of this package is known to be %s: %v; get its module with go get, or correct the path", qualifier, err)
	default:
		f.report(pos, "no import of this package is called %s; import it in this file, as _ \"<its path>\" if nothing else here needs it, or correct the name", qualifier)
	}
	return "", false
}

// isPackage tells whether a name is that of an import of the file.
func (f *sourceFile) isPackage(name string) bool {
	im := f.importSpecs()
	if _, ok := im.named[name]; ok {
		return true
	}
	suggesting := slices.DeleteFunc(slices.Clone(im.unnamed), func(path string) bool { return !grammar.Suggests(path, name) })
	if len(suggesting) == 0 {
		return false
	}
	if onlyOne(name, im.unnamed) != "" {
		return true
	}
	found, err := f.scope.names.Find(name, suggesting)
	return len(found) > 0 || err != nil && len(likely(name, suggesting)) == 1
}

// imports are those of a file: the paths by name, those without a name, and
// those that are only linked.
type imports struct {
	named          map[string]string
	unnamed, blank []string
}

func (f *sourceFile) importSpecs() imports {
	im := imports{named: map[string]string{}}
	for _, spec := range f.ast.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		switch {
		case err != nil:
		case spec.Name == nil && path != "C":
			im.unnamed = append(im.unnamed, path)
		case spec.Name != nil && spec.Name.Name == "_":
			im.blank = append(im.blank, path)
		case spec.Name != nil:
			im.named[spec.Name.Name] = path
		}
	}
	return im
}

// importedElsewhere returns what other files of the package import under a
// name, and what they import without one that may be called so.
func (f *sourceFile) importedElsewhere(name string) (named, guesses []string) {
	for _, i := range f.scope.declared().imports[f.ast.Name.Name] {
		switch {
		case i.file == f.name, i.path == "C":
		case i.name == name:
			named = append(named, i.path)
		case i.name == "" && grammar.Suggests(i.path, name):
			guesses = append(guesses, i.path)
		}
	}
	slices.Sort(named)
	slices.Sort(guesses)
	return slices.Compact(named), slices.Compact(guesses)
}

// onlyOne returns the one path whose package is called name for certain: its
// last element is that name, and no other path has the word in its own. A last element like
// v2 may be a major version or the package's name.
func onlyOne(name string, paths []string) string {
	only := ""
	for _, p := range paths {
		if !grammar.HasWord(p, name) {
			continue
		}
		if only != "" || path.Base(p) != name || grammar.MajorVersion.MatchString(name) {
			return ""
		}
		only = p
	}
	return only
}

// likely returns the paths whose packages are called name by convention.
func likely(name string, paths []string) []string {
	return slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return grammar.AssumedName(p) != name })
}

// mayBeDotImported tells whether an identifier can come from a dot import of
// the file: there is one, and neither Go nor the package declares the name.
func (f *sourceFile) mayBeDotImported(name string) bool {
	im := f.importSpecs()
	if _, ok := im.named["."]; !ok || doc.IsPredeclared(name) {
		return false
	}
	declares := func(d Declaration) bool { return d.Name == name && d.Kind == "type" }
	return !slices.ContainsFunc(f.declaredAs(name), declares)
}
