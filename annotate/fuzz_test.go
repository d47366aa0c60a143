package annotate

import (
	"go/token"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/omninode-ai/onexevents/annotate/internal/golist"
	"github.com/omninode-ai/onexevents/annotate/internal/grammar"
)

// alone is the scope of a file that has its package for itself.
var alone = &scope{names: &golist.Names{}, declared: func() declared { return declared{} }}

// Whatever stands in a directive is either a node, or mistakes with places
// inside the comment; and a node that is accepted is valid, and prints as a
// directive that says the same.
func FuzzDirective(f *testing.F) {
	for _, args := range []string{
		"type=effect service=a stamp",
		"type=reducer service=a-b_c state=Phase metric=false a(In,Out), b(In) c(,Out) d() e",
		"type=compute service=a x(map[string][]func(a, b int) struct{ C chan<- int `json:\"c\"` })",
		`type="effect" service= = state=true , ,, x(( y] // remark`,
		"type=effect service=a x(Page[T, U]) y(*[3]T) é(ü)",
		"type=effect service=a x(\"",
		"type=effect service=a x@2(In) x x@10() y@v2 @3 z @4",
	} {
		f.Add(args)
	}
	f.Fuzz(func(t *testing.T, args string) {
		if strings.ContainsAny(args, "\n\r\x00\ufeff") {
			return // no line of a Go file
		}
		comment := grammar.Whole + " " + args
		nodes, diags := readNodes("a.go", []byte("package p\n"+comment+"\ntype T struct{}\n"), alone)
		for _, d := range diags {
			if d.Pos.Line != 2 || d.Pos.Column < 1 || d.Pos.Column > len(comment)+1 {
				t.Errorf("%v is not in the comment %q", d, comment)
			}
			if what, remedy, ok := strings.Cut(d.Message, "; "); !ok || what == "" || remedy == "" {
				t.Errorf("%q says not what is wrong or not what to do", d.Message)
			}
		}
		if (len(nodes) == 0) == (len(diags) == 0) {
			t.Fatalf("%q gives %d nodes and %d mistakes", args, len(nodes), len(diags))
		}
		if len(nodes) == 0 {
			return
		}
		printed := nodes[0].Directive()
		again, diags := readNodes("a.go", []byte("package p\n"+printed+"\ntype T struct{}\n"), alone)
		if len(diags) > 0 || !sameMeaning(nodes[0], again[0]) {
			t.Errorf("%q is accepted, and what it prints not in the same way: %q, %v", args, printed, diags.Err())
		}
		if err := nodes[0].Validate(); err != nil {
			t.Errorf("%q is accepted, and its node is not valid: %v", args, err)
		}
	})
}

// sameMeaning compares what two directives say, wherever they say it.
func sameMeaning(a, b *Node) bool {
	strip := func(n *Node) Node {
		bare := *n
		bare.Pos, bare.Operations = token.Position{}, slices.Clone(n.Operations)
		for i := range bare.Operations {
			bare.Operations[i].Pos = token.Position{}
		}
		return bare
	}
	return reflect.DeepEqual(strip(a), strip(b))
}
