//go:build kafka

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	kafkacluster "github.com/omninode-ai/onexevents/testdata/kafka"
)

func TestMain(m *testing.M) { os.Exit(kafkacluster.Main(m)) }

// On Apache Kafka, which makes no topics by itself, the program does the same in every
// way to connect for which the cluster writes an environment.
func TestOnKafka(t *testing.T) {
	cluster := kafkacluster.Shared(t, 1)
	for _, way := range []string{"ssl", "scram", "plain", "oauthbearer", "plaintext"} {
		t.Run(way, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(cluster.Folder, "env", way))
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range strings.Fields(string(text)) {
				name, value, _ := strings.Cut(line, "=")
				t.Setenv(name, value)
			}
			checkRun(t, "Kafka at "+os.Getenv("KAFKA_BOOTSTRAP_SERVERS"))
		})
	}
}
