//go:build kafka

package main

import (
	"regexp"
	"testing"

	kafkacluster "github.com/omninode-ai/onexevents/testdata/kafka"
)

// The commands of the pages that want Apache Kafka do what the pages say. They have the
// cluster of the tests, in place of the one that a user would start.
func TestPagesRunOnKafka(t *testing.T) {
	cluster := kafkacluster.Shared(t, 1)
	t.Setenv(kafkacluster.Variable, cluster.Folder)
	start := regexp.MustCompile(`(?m)^testdata/kafka/start$`)
	folder := regexp.MustCompile(`testdata/kafka/build/cluster\b`)
	runPages(t, func(commands string) (string, bool) {
		isMine := onKafka.MatchString(commands)
		commands = start.ReplaceAllString(commands, "$0 "+cluster.Folder)
		return folder.ReplaceAllString(commands, cluster.Folder), isMine
	})
}
