package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"
)

// schemas writes the schemas of the example's nodes, and of one with two versions.
func schemas(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	cmd := exec.Command("go", "tool", "onexevents", "catalog", "-format", "schema", "-o", dir, "./example/stamping", "./example/changing/testdata/both")
	cmd.Dir = filepath.Join("..", "..")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return dir
}

// Each message's schema is registered whole, for the values of its topic; a second
// time nothing changes.
func TestRegister(t *testing.T) {
	registry := srfake.New()
	defer registry.Close()
	client, err := sr.NewClient(sr.URLs(registry.URL()))
	if err != nil {
		t.Fatal(err)
	}
	dir := schemas(t)
	var first, second bytes.Buffer
	for _, out := range []io.Writer{&first, &second} {
		if err := register(t.Context(), client, out, "prod", dir); err != nil {
			t.Fatal(err)
		}
	}
	if first.String() != second.String() {
		t.Errorf("registered as\n%s and then as\n%s", &first, &second)
	}
	subjects, err := client.Subjects(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(subjects) != len(files) {
		t.Errorf("%d subjects for %d schemas: %v", len(subjects), len(files), subjects)
	}
	for subject, file := range map[string]string{
		"prod.stamping.effect.stamp.started.v1-value":     "stamping.effect.stamp.started",
		"onex.evt.stamping.effect-stamp-started.v1-value": "stamping.effect-stamp-started",
		"prod.archive.effect.stamp.completed.v2-value":    "archive.effect.stamp.completed.v2",
		"onex.evt.archive.effect-stamp-failed.v2-value":   "archive.effect-stamp-failed.v2",
	} {
		if !slices.Contains(subjects, subject) {
			t.Errorf("there is no subject %s", subject)
			continue
		}
		got, err := client.SchemaByVersion(t.Context(), subject, 1)
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join(dir, file+suffix))
		if err != nil {
			t.Fatal(err)
		}
		if got.Type != sr.TypeJSON || !sameJSON(t, got.Schema.Schema, string(want)) {
			t.Errorf("%s has the schema\n%s", subject, got.Schema.Schema)
		}
	}
}

func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var one, other bytes.Buffer
	if err := json.Compact(&one, []byte(a)); err != nil {
		t.Fatal(err)
	}
	if err := json.Compact(&other, []byte(b)); err != nil {
		t.Fatal(err)
	}
	return one.String() == other.String()
}

// What the registry refuses is said with its subject; and so is a folder without
// schemas.
func TestRegisterRefused(t *testing.T) {
	registry := srfake.New(srfake.WithAuth("Bearer token"))
	defer registry.Close()
	client, err := sr.NewClient(sr.URLs(registry.URL()))
	if err != nil {
		t.Fatal(err)
	}
	err = register(t.Context(), client, io.Discard, "dev", schemas(t))
	if err == nil || !strings.HasPrefix(err.Error(), "register onex.evt.archive.") {
		t.Errorf("%v", err)
	}
	err = register(t.Context(), client, io.Discard, "dev", t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "there are no schemas in") {
		t.Errorf("%v", err)
	}
}
