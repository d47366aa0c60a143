package buildtags

import (
	"go/parser"
	"go/token"
	"testing"
)

func TestOf(t *testing.T) {
	for _, tt := range []struct{ name, line, want string }{
		{"a.go", "", ""},
		{"linux.go", "", ""},
		{"a_linux.go", "", "linux"},
		{"a_arm64_test.go", "", "arm64"},
		{"a_linux_arm64.go", "", "linux && arm64"},
		{"a_linux.pb.go", "", "linux"},
		{"a_linux_foo.go", "", ""},
		{"a_unix.go", "", ""},
		{"a.go", "//go:build linux || (darwin && !cgo)", "linux || (darwin && !cgo)"},
		{"a_amd64.go", "//go:build linux || darwin", "(linux || darwin) && amd64"},
		{"a.go", "// +build linux darwin\n// +build !cgo", "(linux || darwin) && !cgo"},
		{"a.go", "//go:build linux\n// +build darwin", "linux"},
	} {
		src := tt.line + "\n\n// Package p is nothing.\npackage p\n\n//go:build ignored\n"
		file, err := parser.ParseFile(token.NewFileSet(), tt.name, src, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if got := Of(file, "/dir/"+tt.name); got != tt.want {
			t.Errorf("%s with %q: %q, want %q", tt.name, tt.line, got, tt.want)
		}
	}
}
