// Package vectors is what the Python reference wrote, for the tests that compare
// with it; README.md says what is in which file.
//
// It imports the standard library only, and nothing but tests imports it.
package vectors

import (
	"embed"
	"encoding/json"
	"testing"
)

//go:embed envelopes.json events.json
var files embed.FS

// Read decodes the file of that name into what into points to.
func Read(t testing.TB, name string, into any) {
	t.Helper()
	ReadFrom(t, files, name, into)
}

// ReadFrom decodes a file of files.
func ReadFrom(t testing.TB, files embed.FS, name string, into any) {
	t.Helper()
	data, err := files.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

// Partition is a key, and the partitions of n that the reference chooses for it:
// balanced by the key alone, hash by the topic too.
type Partition struct {
	Key       string
	N         int
	Balanced  int
	HashTopic string `json:"hash_topic"`
	Hash      int
}

// Partitions returns all of envelopes.json.
func Partitions(t testing.TB) []Partition {
	t.Helper()
	var v struct{ Partition []Partition }
	Read(t, "envelopes.json", &v)
	return v.Partition
}
