package annotate

import (
	"go/parser"
	"go/token"
	"sync"

	"github.com/omninode-ai/onexevents/annotate/internal/golist"
)

// Read returns the nodes of one file that is all of its package.
func Read(name string, src []byte) ([]*Node, Diagnostics) {
	return readNodes(name, src, &scope{names: &golist.Names{}, declared: sync.OnceValue(func() declared {
		d := declarer{fset: token.NewFileSet(), src: src}
		file, err := parser.ParseFile(d.fset, name, src, parser.SkipObjectResolution)
		if err != nil {
			return declared{}
		}
		d.file(file)
		name := file.Name.Name
		return declared{names: map[string][]Declaration{name: d.found}, indexes: map[string]*index{name: newIndex(d.found)}}
	})})
}
