package annotate

import (
	"strings"
	"testing"
)

// alone is the scope of a file that has its package for itself.
var alone = &scope{names: &packageNames{}, declared: func() map[string][]Declaration { return nil }}

// Whatever stands in a directive is either a node, or mistakes with places
// inside the comment; and the words of a node that is accepted are accepted in
// another order too.
func FuzzDirective(f *testing.F) {
	for _, args := range []string{
		"type=effect service=a stamp",
		"type=reducer service=a-b_c state=Phase metric=false a(In,Out), b(In) c(,Out) d() e",
		"type=compute service=a x(map[string][]func(a, b int) struct{ C chan<- int `json:\"c\"` })",
		`type="effect" service= = state=true , ,, x(( y] // remark`,
		"type=effect service=a x(Page[T, U]) y(*[3]T) é(ü)",
		"type=effect service=a x(\"",
	} {
		f.Add(args)
	}
	f.Fuzz(func(t *testing.T, args string) {
		if strings.ContainsAny(args, "\n\r\x00\ufeff") {
			return // no line of a Go file
		}
		comment := whole + " " + args
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
		words := splitWords(args, 0, nil)
		for i, w := range words {
			words[len(words)-1-i], words[i] = w, words[len(words)-1-i]
		}
		var reversed []string
		for _, w := range words {
			reversed = append(reversed, w.text)
		}
		_, diags = readNodes("a.go", []byte("package p\n"+whole+" "+strings.Join(reversed, " ")+"\ntype T struct{}\n"), alone)
		if len(diags) > 0 {
			t.Errorf("%q is accepted, and in another order not: %v", args, diags.Err())
		}
	})
}
