package grammar

import "testing"

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
		if got := AssumedName(in); got != want {
			t.Errorf("AssumedName(%q) = %q, want %q", in, got, want)
		}
	}
}

var nodeTypes = []string{"effect", "compute", "reducer", "orchestrator"}

func TestDidYouMean(t *testing.T) {
	for in, want := range map[string]string{
		"efect": "did you mean effect?", "EFFECT": "did you mean effect?", "orchestrater": "did you mean orchestrator?",
		"worker": "write one of effect, compute, reducer, orchestrator", "": "write one of effect, compute, reducer, orchestrator",
	} {
		if got := DidYouMean(in, nodeTypes); got != want {
			t.Errorf("DidYouMean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestMentioned(t *testing.T) {
	for src, want := range map[string]bool{
		"//onex:operations": true, "// Onex : x": true, "ONEX:": true, "x onex:": true,
		"": false, "onex": false, "one:": false, "xonex.": false, "onexx:": false, "nex:": false,
	} {
		if got := Mentioned([]byte(src)); got != want {
			t.Errorf("Mentioned(%q) = %v", src, got)
		}
	}
}

func TestHasWord(t *testing.T) {
	for path, want := range map[string]bool{
		"example.com/uuid": true, "example.com/go.uuid": true, "example.com/uuid-tools": true, "example.com/uuid/v2": true, "uuid": true,
		"example.com/uuidtest": false, "example.com/uuid/client": false, "example.com/my_uuid": false,
	} {
		if got := HasWord(path, "uuid"); got != want {
			t.Errorf("%s has the word: %v", path, got)
		}
	}
}
