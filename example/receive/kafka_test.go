//go:build kafka

package main

import (
	"testing"

	"github.com/google/uuid"

	kafkacluster "github.com/omninode-ai/onexevents/testdata/kafka"
)

func init() { runTests = kafkacluster.Main }

// What holds with the fake broker holds with Apache Kafka.
func TestKilledInAHandlerOnKafka(t *testing.T) {
	cluster := kafkacluster.Shared(t, 1)
	killInHandlers(t, cluster.Addresses(kafkacluster.Plaintext)[0], "dev."+uuid.NewString()[:8])
}
