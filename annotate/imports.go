package annotate

import (
	"go/doc"
	"go/token"
	"path"
	"slices"
	"strconv"

	"github.com/omninode-ai/onexevents/annotate/internal/grammar"
)

// ofC says what is wrong with a type of cgo.
const ofC = "a type of C cannot be named in another file; declare a Go type for it"

// importPath returns the path that a qualifier at pos refers to, by the
// imports of the file: the one with that name, or the one of those without a
// name whose package is called so. It reports a qualifier of no import.
func (f *sourceFile) importPath(qualifier string, pos token.Pos) (string, bool) {
	named, unnamed := f.importSpecs()
	if path, ok := named[qualifier]; ok {
		return path, true
	}
	if qualifier == "C" {
		f.report(pos, "%s", ofC)
		return "", false
	}
	likely, certain := byConvention(qualifier, unnamed)
	if certain {
		return likely, true
	}
	path, err := f.scope.names.Find(qualifier, unnamed)
	switch {
	case path != "":
		return path, true
	case likely != "":
		return likely, true
	case err != nil:
		f.report(pos, "no import of this file is known to be package %s: %v; name it in the import declaration: %s \"<path>\"", qualifier, err, qualifier)
	default:
		f.report(pos, "no import of this file is called %s; import the package, or correct the name", qualifier)
	}
	return "", false
}

// imports tells whether qualifier is the name of an import.
func (f *sourceFile) imports(qualifier string) bool {
	named, unnamed := f.importSpecs()
	if _, ok := named[qualifier]; ok {
		return true
	}
	if likely, _ := byConvention(qualifier, unnamed); likely != "" {
		return true
	}
	path, err := f.scope.names.Find(qualifier, unnamed)
	return err == nil && path != ""
}

// importSpecs returns the paths of the file's imports: by name, and those
// without a name.
func (f *sourceFile) importSpecs() (named map[string]string, unnamed []string) {
	named = map[string]string{}
	for _, spec := range f.ast.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		switch {
		case err != nil:
		case spec.Name == nil && path != "C":
			unnamed = append(unnamed, path)
		case spec.Name != nil:
			named[spec.Name.Name] = path
		}
	}
	return named, unnamed
}

// byConvention returns the one path whose package should be called qualifier,
// or "". It is certain if nothing speaks against it: a last element like v2
// may be a major version or the package's name.
func byConvention(qualifier string, paths []string) (likely string, certain bool) {
	for _, p := range paths {
		if grammar.AssumedName(p) != qualifier {
			continue
		}
		if likely != "" {
			return "", false // several
		}
		likely, certain = p, !grammar.MajorVersion.MatchString(path.Base(p))
	}
	return likely, certain
}

// mayBeDotImported tells whether an identifier can come from a dot import of
// the file: there is one, and neither Go nor the package declares the name.
func (f *sourceFile) mayBeDotImported(name string) bool {
	named, _ := f.importSpecs()
	if _, ok := named["."]; !ok || doc.IsPredeclared(name) {
		return false
	}
	declares := func(d Declaration) bool { return d.Name == name && d.Kind == "type" }
	return !slices.ContainsFunc(f.declared(), declares)
}
