package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// The program that new writes publishes the node's events and ends.
func TestNewRuns(t *testing.T) {
	broker := startKafka(t)
	repo, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := linkModule(repo, dir, "module example.com/m"); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	if code := runNew([]string{"-type", "effect", "-service", "stamping", "-op", "stamp(Document,Stamp)", "stamper"}, t.Output(), os.Stderr); code != exitOK {
		t.Fatalf("exit code %d", code)
	}
	shell(t, dir, []string{"KAFKA_BOOTSTRAP_SERVERS=" + broker}, "go run ./stamper")
	if got := topics(t, broker, 2); fmt.Sprint(got) != "[dev.stamping.effect.stamp.completed.v1 dev.stamping.effect.stamp.started.v1]" {
		t.Errorf("topics of the events: %v", got)
	}
}
