package emit

import "github.com/omninode-ai/onexevents/annotate"

// declared is what a package declares as far as is known: what was found in its
// source, and the structs of its nodes.
type declared struct {
	byName  map[string][]annotate.Declaration
	objects map[string]bool // what is declared at package level
}

func newDeclared(list []annotate.Declaration) *declared {
	d := &declared{byName: make(map[string][]annotate.Declaration, len(list)), objects: make(map[string]bool, len(list))}
	for _, one := range list {
		d.add(one)
	}
	return d
}

func (d *declared) add(one annotate.Declaration) {
	d.byName[one.Name] = append(d.byName[one.Name], one)
	if one.Kind != "method" && one.Kind != "import" {
		d.objects[one.Name] = true
	}
}

// declaredIn returns what the packages of nodes declare, by their names.
func declaredIn(nodes []*annotate.Node) map[string]*declared {
	all := map[string]*declared{}
	for _, n := range nodes {
		if all[n.Package] == nil {
			all[n.Package] = newDeclared(n.Declared)
		}
	}
	for _, n := range nodes {
		if d := all[n.Package]; !d.objects[n.Name] {
			d.add(annotate.Declaration{Name: n.Name, Kind: "type", Pos: n.Pos, Constraint: n.Constraint})
		}
	}
	return all
}
