package annotate

// index finds the declarations of a package by their names, of which a package
// of many nodes is asked often.
type index struct {
	list   []Declaration
	byName map[string][]Declaration
}

func newIndex(list []Declaration) *index {
	x := &index{list, make(map[string][]Declaration, len(list))}
	for _, d := range list {
		x.byName[d.Name] = append(x.byName[d.Name], d)
	}
	return x
}

// declaredAs returns the declarations of a name in list, by the index if it is
// the one of that list.
func (x *index) declaredAs(list []Declaration, name string) []Declaration {
	if x != nil && len(list) == len(x.list) && (len(list) == 0 || &list[0] == &x.list[0]) {
		return x.byName[name]
	}
	var found []Declaration
	for _, d := range list {
		if d.Name == name {
			found = append(found, d)
		}
	}
	return found
}
