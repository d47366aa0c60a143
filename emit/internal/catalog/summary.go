package catalog

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/omninode-ai/onexevents/annotate"
)

// anyType stands for the name of a type that the source does not show.
const anyType = "any"

// noneType is what a summary calls the type of a nil pointer.
const noneType = "NoneType"

// summaryKey is a key of a summary, and the names that its value may have there.
type summaryKey struct {
	key   string
	names []string
	fixed bool // it is always there
}

// summaryKeys returns the keys of the summary of a type, in their order, as far
// as the package of the node shows them. known is false if it does not: then any
// key may come (envelope/contract.md, section 2).
func summaryKeys(n *annotate.Node, t *annotate.Type) (keys []summaryKey, known bool) {
	if t == nil {
		return nil, true
	}
	r := resolver{n}
	d, _, isPointer := r.follow(*t)
	if d == nil || !d.IsStruct || d.TypeParams > 0 {
		return nil, false
	}
	found := map[string]keyAt{}
	var order []string
	if !r.collect(*d, 0, !isPointer, map[string]bool{}, found, &order) {
		return nil, false
	}
	for _, key := range order {
		if at := found[key]; !at.hidden {
			keys = append(keys, at.summaryKey)
		}
	}
	return keys, true
}

// keyAt is a key at a depth of embedding; one at the same depth hides it.
type keyAt struct {
	summaryKey
	depth          int
	tagged, hidden bool
}

// resolver finds what the types of a node are.
type resolver struct{ node *annotate.Node }

// follow goes through pointers and names to the struct that a type is, or to the
// type in whose place another name stands. named is the name of the struct.
func (r resolver) follow(t annotate.Type) (d *annotate.Declaration, last annotate.Type, pointer bool) {
	for range 20 { // a type that is declared to be itself does not compile
		source, isPointer := strings.CutPrefix(strings.TrimSpace(t.Source), "*")
		pointer = pointer || isPointer
		t.Source = strings.TrimSpace(source)
		found := r.declared(t.Source)
		switch {
		case isPointer:
		case found == nil:
			return d, t, pointer
		case found.IsStruct:
			if d == nil || d.IsAlias {
				return found, t, pointer
			}
			named := *found
			named.Name = d.Name
			return &named, t, pointer
		default:
			if d == nil || d.IsAlias {
				d = found
			}
			t = found.Type
		}
	}
	return nil, t, pointer
}

// declared returns the one type that the package declares under a name.
func (r resolver) declared(name string) *annotate.Declaration {
	if name == "" || strings.ContainsFunc(name, func(c rune) bool { return c != '_' && !unicode.IsLetter(c) && !unicode.IsDigit(c) }) {
		return nil
	}
	var one *annotate.Declaration
	for i, d := range r.node.Declared {
		if d.Name != name || d.Kind != "type" {
			continue
		}
		if one != nil {
			return nil // one for each of several systems
		}
		one = &r.node.Declared[i]
	}
	return one
}

// collect adds the keys of a struct as encoding/json has them, and says whether
// all of it is known.
func (r resolver) collect(d annotate.Declaration, depth int, fixed bool, within map[string]bool, found map[string]keyAt, order *[]string) bool {
	if within[d.Name] {
		return false
	}
	within = maps.Clone(within)
	within[d.Name] = true
	for _, f := range d.Fields {
		key, _, _ := strings.Cut(f.JSON, ",")
		exported := unicode.IsUpper([]rune(f.Name)[0])
		tagged := key != "" && isKey(key)
		switch {
		case f.JSON == "-":
			continue
		case f.Embedded && tagged:
			inner, _, pointer := r.follow(f.Type)
			exported = exported || inner != nil && inner.IsStruct && !pointer
		case f.Embedded:
			inner, _, pointer := r.follow(f.Type)
			switch {
			case inner != nil && inner.IsStruct && inner.TypeParams == 0:
				if !exported && pointer {
					continue // nothing can be in it
				}
				if !r.collect(*inner, depth+1, fixed && !pointer, within, found, order) {
					return false
				}
				continue
			case inner == nil:
				return false
			}
		}
		if !exported {
			continue
		}
		if !tagged {
			key = f.Name
		}
		at := keyAt{summaryKey{key, r.names(f.Type), fixed}, depth, tagged, false}
		before, has := found[key]
		switch {
		case !has:
			*order = append(*order, key)
			found[key] = at
		case depth < before.depth, depth == before.depth && tagged && !before.tagged:
			found[key] = at
		case depth == before.depth && tagged == before.tagged:
			before.hidden = true
			found[key] = before
		}
	}
	return true
}

// isKey tells the names in tags that encoding/json takes.
func isKey(name string) bool {
	return !strings.ContainsFunc(name, func(c rune) bool {
		return !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", c) && !unicode.IsLetter(c) && !unicode.IsDigit(c)
	})
}

// qualified are the types of other packages that have names of their own.
var qualified = map[string]string{
	"time.Time": "datetime", "time.Duration": "timedelta", "github.com/google/uuid.UUID": "UUID",
}

// kinds are the names of what Go declares itself.
var kinds = map[string]string{
	"string": "str", "bool": "bool", "float32": "float", "float64": "float", "complex64": "complex", "complex128": "complex",
	"int": "int", "int8": "int", "int16": "int", "int32": "int", "int64": "int", "rune": "int", "uintptr": "int",
	"uint": "int", "uint8": "int", "uint16": "int", "uint32": "int", "uint64": "int", "byte": "int",
}

// names returns the names that a value of the type can have in a summary.
func (r resolver) names(t annotate.Type) []string {
	d, last, pointer := r.follow(t)
	name := anyType
	switch source := last.Source; {
	case d != nil && d.IsStruct:
		name = d.Name
	case strings.HasPrefix(source, "[]"):
		name = "list"
		if elem := strings.TrimSpace(source[2:]); elem == "byte" || elem == "uint8" {
			name = "bytes"
		}
	case strings.HasPrefix(source, "["):
		name = "list"
	case strings.HasPrefix(source, "map["), strings.HasPrefix(source, "struct{"), strings.HasPrefix(source, "struct {"):
		name = "dict"
	case kinds[source] != "" && r.declared(source) == nil:
		name = kinds[source]
	default:
		qualifier, behind, _ := strings.Cut(source, ".")
		for _, i := range last.Imports {
			if known := qualified[i.Path+"."+behind]; i.Name == qualifier && known != "" && (d == nil || d.IsAlias) {
				name = known
			}
		}
	}
	if pointer && name != anyType {
		return []string{name, noneType}
	}
	return []string{name}
}

// namesOf returns the names as JSON has them: one, or several with | between.
func (k summaryKey) namesOf() string { return strings.Join(k.names, "|") }

// Covers tells whether all that a type's name may be now is what it might be
// before.
func Covers(before, now string) bool {
	allowed := strings.Split(before, "|")
	return before == anyType || !slices.ContainsFunc(strings.Split(now, "|"), func(name string) bool { return !slices.Contains(allowed, name) })
}
