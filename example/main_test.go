package main

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
)

// The program does the same on a cluster of the user's, and reads only what it
// has published itself.
func TestOnAnotherCluster(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.Ports(0), kfake.NumBrokers(3), kfake.AllowAutoTopicCreation(), kfake.DefaultNumPartitions(2))
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	brokers := strings.Join(cluster.ListenAddrs(), ",")
	t.Setenv("KAFKA_BOOTSTRAP_SERVERS", brokers)
	for round := range 2 {
		var out bytes.Buffer
		if err := run(&out); err != nil {
			t.Fatalf("round %d: %v\n%s", round, err, &out)
		}
		if !strings.HasPrefix(out.String(), "Kafka at "+brokers) {
			t.Errorf("round %d: %s", round, &out)
		}
		lines := regexp.MustCompile(`(?m)^\d\d:\d\d:\d\d\.\d{6}  .*$`).FindAllString(out.String(), -1)
		if want := "29 accepted = 29 delivered"; len(lines) != 29 || !strings.Contains(out.String(), want) {
			t.Errorf("round %d: %d events, want %s\n%s", round, len(lines), want, &out)
		}
		checkNesting(t, lines)
	}
}

// checkNesting checks on what is printed that the three runs around a digest
// share a correlation, and name each other as their causes.
func checkNesting(t *testing.T, lines []string) {
	t.Helper()
	first := func(eventType string) []string {
		for _, line := range lines {
			if f := strings.Fields(line); f[2] == eventType {
				return f // time, event, type, correlation, cause, …
			}
		}
		t.Fatalf("no %s in\n%s", eventType, strings.Join(lines, "\n"))
		return nil
	}
	outer, middle, inner := first("orchestrator.orchestration.started"), first("effect.stamp.started"), first("compute.digest.started")
	if fmt.Sprint(outer[3], middle[3]) != fmt.Sprint(middle[3], inner[3]) || outer[4] != "-" || middle[4] != outer[1] || inner[4] != middle[1] {
		t.Errorf("nested runs:\n%v\n%v\n%v", outer, middle, inner)
	}
}
