package main

import (
	"bytes"
	"strings"
	"testing"
)

// From an empty cluster to events: with a user who may write to the service's topics,
// and to no others.
func TestRun(t *testing.T) {
	t.Setenv("KAFKA_BOOTSTRAP_SERVERS", "")
	var out bytes.Buffer
	if err := run(&out); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	for _, want := range []string{
		"created dev.stamping.effect.stamp.failed.v1.dlq: partitions 1,",
		"14 topics: 14 created, 0 changed, 0 as they are, 0 with other settings that stay, 0 faulty",
		"as stamping: 5 events delivered",
		"to dev.tally.reducer.", ".v1: authorization",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it does not print %q:\n%s", want, &out)
		}
	}
}
