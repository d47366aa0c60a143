package buildtags

import (
	"go/build/constraint"
	"slices"
)

// maxTags is how many tags [Meet] goes through every combination of.
const maxTags = 12

// Meet tells whether two constraints can hold together, "" being one that
// always does. Where there are too many tags to say, they can.
func Meet(a, b string) bool {
	if a == "" || b == "" || a == b {
		return true
	}
	x, errX := constraint.Parse("//go:build " + a)
	y, errY := constraint.Parse("//go:build " + b)
	if errX != nil || errY != nil {
		return true
	}
	both := &constraint.AndExpr{X: x, Y: y}
	var free, systems, processors []string
	for _, tag := range tagsOf(both) {
		switch {
		case tag == "unix":
		case slices.Contains(knownOS, tag):
			systems = append(systems, tag)
		case slices.Contains(knownArch, tag):
			processors = append(processors, tag)
		default:
			free = append(free, tag)
		}
	}
	if len(free) > maxTags {
		return true
	}
	// Of systems and of processors there is always one, perhaps one that no
	// constraint names: of the Unix kind, or not.
	systems = append(systems, "freebsd", "plan9")
	processors = append(processors, "")
	for _, system := range systems {
		for _, processor := range processors {
			for chosen := range 1 << len(free) {
				holds := func(tag string) bool {
					if i := slices.Index(free, tag); i >= 0 {
						return chosen&(1<<i) != 0
					}
					return tag == system || tag == processor || implied(system, tag)
				}
				if both.Eval(holds) {
					return true
				}
			}
		}
	}
	return false
}

// implied tells the tags that hold on a system beside its own.
func implied(system, tag string) bool {
	switch tag {
	case "unix":
		return !slices.Contains([]string{"js", "nacl", "plan9", "wasip1", "windows", "zos"}, system)
	case "linux":
		return system == "android"
	case "darwin":
		return system == "ios"
	case "solaris":
		return system == "illumos"
	}
	return false
}

// tagsOf returns the tags of an expression, each once.
func tagsOf(expr constraint.Expr) (tags []string) {
	switch e := expr.(type) {
	case *constraint.TagExpr:
		return []string{e.Tag}
	case *constraint.NotExpr:
		return tagsOf(e.X)
	case *constraint.AndExpr:
		tags = append(tagsOf(e.X), tagsOf(e.Y)...)
	case *constraint.OrExpr:
		tags = append(tagsOf(e.X), tagsOf(e.Y)...)
	}
	slices.Sort(tags)
	return slices.Compact(tags)
}
