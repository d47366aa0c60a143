package naming

import "github.com/omninode-ai/onexevents/annotate"

// Declared is what a package declares as far as is known: what was found in its
// source, and the structs of its nodes.
type Declared struct {
	ByName  map[string][]annotate.Declaration
	Objects map[string]bool // what is declared at package level
}

// NewDeclared returns what a list of declarations declares.
func NewDeclared(list []annotate.Declaration) *Declared {
	d := &Declared{ByName: make(map[string][]annotate.Declaration, len(list)), Objects: make(map[string]bool, len(list))}
	for _, one := range list {
		d.add(one)
	}
	return d
}

func (d *Declared) add(one annotate.Declaration) {
	d.ByName[one.Name] = append(d.ByName[one.Name], one)
	if one.Kind != "method" && one.Kind != "import" {
		d.Objects[one.Name] = true
	}
}

// DeclaredIn returns what the packages of nodes declare, by their names.
func DeclaredIn(nodes []*annotate.Node) map[string]*Declared {
	all := map[string]*Declared{}
	for _, n := range nodes {
		if all[n.Package] == nil {
			all[n.Package] = NewDeclared(n.Declared)
		}
	}
	for _, n := range nodes {
		if d := all[n.Package]; !d.Objects[n.Name] {
			d.add(annotate.Declaration{Name: n.Name, Kind: "type", Pos: n.Pos, Constraint: n.Constraint})
		}
	}
	return all
}
