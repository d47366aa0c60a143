package envelope_test

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/envelope"
)

// The pages of the contracts name the keys that are written, in their order.
func TestContractsNameWhatIsWritten(t *testing.T) {
	id, at, more := uuid.New(), time.Now(), json.RawMessage(`{"a":1}`)
	for kind, p := range map[string]envelope.Payload{
		"{op}.started":    envelope.OperationStarted{Operation: "op", CorrelationID: id, NodeID: "n", StartedAt: at, Metadata: more},
		"{op}.completed":  envelope.OperationCompleted{Operation: "op", CorrelationID: id, NodeID: "n", CompletedAt: at, Metadata: more},
		"{op}.failed":     envelope.OperationFailed{Operation: "op", CorrelationID: id, NodeID: "n", FailedAt: at, Metadata: more},
		"state.changed":   envelope.StateChanged{NodeID: "n", NodeType: "effect", CorrelationID: id, ChangedAt: at, Metadata: more},
		"metric.recorded": envelope.MetricRecorded{NodeID: "n", NodeType: "effect", RecordedAt: at, CorrelationID: &id, Metadata: more},
	} {
		v1, err := envelope.Wrap(id, p, "effect", "stamping")
		if err != nil {
			t.Fatal(err)
		}
		v2, err := envelope.WrapV2(id, p, "effect", "stamping")
		if err != nil {
			t.Fatal(err)
		}
		same(t, "contract.md, section 1", named(t, "contract.md", "## 1. ", 1), written(t, v1))
		same(t, "contract-2.md, section 1", named(t, "contract-2.md", "## 1. ", 0), written(t, v2))
		row := "`{type}." + kind + "`"
		same(t, "contract.md, payload of "+kind, named(t, "contract.md", row, 1), keysOf(t, v1.Payload))
		metadata := named(t, "contract.md", row, 2)
		if strings.HasPrefix(kind, "{op}") { // "the same" as of started
			metadata = append(named(t, "contract.md", "`{type}.{op}.started`", 2), slices.DeleteFunc(metadata, isOfStarted)...)
		}
		same(t, "contract.md, metadata of "+kind, metadata, keysOf(t, v1.Metadata))
	}
}

func isOfStarted(key string) bool {
	return slices.Contains([]string{"node_type", "service_name", "operation", "lifecycle_stage"}, key)
}

// named returns the keys that a column has of the table behind a text; of its first row
// alone, if the text is in a row.
func named(t *testing.T, page, text string, column int) (keys []string) {
	t.Helper()
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(data), text)
	if !found {
		t.Fatalf("%s: no %q", page, text)
	}
	if strings.HasPrefix(text, "`") {
		row, _, _ := strings.Cut(rest, "\n")
		rest = "|" + text + row
	} else {
		rest = rest[strings.Index(rest, "\n|---|")+1:]
		rest, _, _ = strings.Cut(rest, "\n\n")
	}
	for line := range strings.Lines(rest) {
		cell := strings.Split(line, "|")[column+1]
		if strings.Contains(cell, "not written") {
			continue
		}
		cell, _, _ = strings.Cut(cell, ":") // what a key has in it
		for _, key := range regexp.MustCompile("`([a-z_0-9]+)`( = `[a-z_]+`)?").FindAllStringSubmatch(cell, -1) {
			keys = append(keys, key[1])
		}
	}
	return keys
}

func same(t *testing.T, what string, named, written []string) {
	t.Helper()
	if !slices.Equal(named, written) {
		t.Errorf("%s has\n%v, and written is\n%v", what, named, written)
	}
}

func written(t *testing.T, env json.Marshaler) []string {
	t.Helper()
	data, err := env.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return keysOf(t, data)
}

// keysOf returns the keys of a JSON object in order.
func keysOf(t *testing.T, data []byte) (keys []string) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(data))
	for depth, isKey := 0, false; d.More() || depth > 0; {
		token, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
			isKey = depth == 1
			continue
		case json.Delim('}'), json.Delim(']'):
			depth--
			isKey = depth == 1
			continue
		}
		if depth == 1 && isKey {
			keys = append(keys, token.(string))
		}
		isKey = depth == 1 && !isKey
	}
	return keys
}
