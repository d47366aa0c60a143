// Package vectors2 is what OmniNode's packages of 2.x wrote, read and refused, for
// the tests that compare with it; README.md says what is in which file.
//
// It imports the standard library and testdata/vectors only, and nothing but tests
// imports it.
package vectors2

import (
	"embed"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/testdata/vectors"
)

//go:embed *.json
var files embed.FS

// Read decodes the file of that name into what into points to.
func Read(t testing.TB, name string, into any) {
	t.Helper()
	vectors.ReadFrom(t, files, name, into)
}

// Case is an event and the Kafka record that it becomes.
type Case struct {
	Name  string
	Input struct {
		Kind           string
		NodeType       string     `json:"node_type"`
		Service        string     `json:"service"`
		NodeID         string     `json:"node_id"`
		EventID        uuid.UUID  `json:"event_id"`
		CorrelationID  *uuid.UUID `json:"correlation_id"`
		MintedID       uuid.UUID  `json:"minted_correlation_id"`
		CausationID    string     `json:"causation_id"`
		EventTimestamp time.Time  `json:"event_timestamp"`
		PublishedAt    time.Time  `json:"published_at"`
		Environment    string     `json:"environment"`
		Operation      string     `json:"operation"`
	}
	Topic     string
	Key       string
	Partition int
	Headers   [][2]string
	Value     json.RawMessage
}

// Cases returns all of cases.json.
func Cases(t testing.TB) (cases []Case) {
	t.Helper()
	Read(t, "cases.json", &cases)
	return cases
}
