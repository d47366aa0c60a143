package annotate

import (
	"go/parser"
	"go/token"
	"testing"
)

func TestSnakeCase(t *testing.T) {
	for in, want := range map[string]string{
		"Stamper": "stamper", "MetadataStamper": "metadata_stamper", "HTTPGateway": "http_gateway", "parseHTTP": "parse_http",
		"A": "a", "AB": "ab", "V2Node": "v2_node", "already_snake": "already_snake", "query-index": "query_index", "ÉtatMajor": "état_major", "": "",
	} {
		if got := SnakeCase(in); got != want {
			t.Errorf("SnakeCase(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestAssumedName(t *testing.T) {
	for in, want := range map[string]string{
		"context": "context", "net/http": "http", "math/rand/v2": "rand", "gopkg.in/yaml.v3": "yaml", "github.com/mattn/go-isatty": "isatty",
		"github.com/nats-io/nats.go": "nats", "example.com/x/v2": "x", "v2": "v2", "example.com/bar-go": "bar",
	} {
		if got := assumedName(in); got != want {
			t.Errorf("assumedName(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestDidYouMean(t *testing.T) {
	for in, want := range map[string]string{
		"efect": "did you mean effect?", "EFFECT": "did you mean effect?", "orchestrater": "did you mean orchestrator?",
		"worker": "write one of effect, compute, reducer, orchestrator", "": "write one of effect, compute, reducer, orchestrator",
	} {
		if got := didYouMean(in, NodeTypes); got != want {
			t.Errorf("didYouMean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestBuildConstraint(t *testing.T) {
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
		if got := buildConstraint(file, "/dir/"+tt.name); got != tt.want {
			t.Errorf("%s with %q: %q, want %q", tt.name, tt.line, got, tt.want)
		}
	}
}

func TestMentionsTool(t *testing.T) {
	for src, want := range map[string]bool{
		"//onex:operations": true, "// Onex : x": true, "ONEX:": true, "x onex:": true,
		"": false, "onex": false, "one:": false, "xonex.": false, "onexx:": false, "nex:": false,
	} {
		if got := mentionsTool([]byte(src)); got != want {
			t.Errorf("mentionsTool(%q) = %v", src, got)
		}
	}
}
