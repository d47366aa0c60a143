package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// A circle is found by whatever kind of name it is closed, and by none that is a
// function's own, nor by a test.
func TestCircles(t *testing.T) {
	for _, tt := range []struct{ name, closing, want string }{
		{"a method", "func g(x *t0) { x.f0() }", "7 of 8 files: f0.go f1.go f2.go f3.go f4.go f5.go f6.go\n"},
		{"a field", "func g(x *t0) int { return x.field }", "7 of 8 files: f0.go f1.go f2.go f3.go f4.go f5.go f6.go\n"},
		{"a constant", "const g = c0", "7 of 8 files: f0.go f1.go f2.go f3.go f4.go f5.go f6.go\n"},
		{"a name of its own", "func g() { t0 := 0; _ = t0 }", ""},
		{"a test", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			write := func(name, text string) {
				if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			write("go.mod", "module example.com/a\n")
			for i := range 6 {
				write(fmt.Sprintf("f%d.go", i), fmt.Sprintf("package a\n\ntype t%d struct{ next *t%d; field int }\n\nfunc (*t%[1]d) f%[1]d() {}\n\nconst c%[1]d = 0\n", i, i+1))
			}
			write("f6.go", "package a\n\ntype t6 struct{}\n\n"+tt.closing+"\n")
			write("f6_test.go", "package a\n\nvar _ t0\n\ntype t7 struct{}\n")
			write("beside.go", "package a\n\nvar _ t0\n")
			var out strings.Builder
			tooLarge, err := run(&out, false, ".")
			if err != nil {
				t.Fatal(err)
			}
			want := tt.want
			if want != "" {
				want = "example.com/a: " + want
			}
			if out.String() != want || tooLarge != (want != "") {
				t.Errorf("too large: %v\n%swant\n%s", tooLarge, &out, want)
			}
		})
	}
}
