package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/twmb/franz-go/pkg/kfake"
)

// findBrokers returns the brokers to use: those of KAFKA_BOOTSTRAP_SERVERS, or
// an embedded one, which stop ends.
func findBrokers(out io.Writer) (brokers []string, stop func(), err error) {
	if servers := os.Getenv("KAFKA_BOOTSTRAP_SERVERS"); servers != "" {
		fmt.Fprintf(out, "Kafka at %s\n\n", servers)
		return strings.Split(servers, ","), func() {}, nil
	}
	cluster, err := kfake.NewCluster(kfake.Ports(0), kfake.AllowAutoTopicCreation(), kfake.DefaultNumPartitions(3))
	if err != nil {
		return nil, nil, fmt.Errorf("start the embedded broker: %w", err)
	}
	brokers = cluster.ListenAddrs()
	fmt.Fprintf(out, "embedded Kafka at %s\n\n", strings.Join(brokers, ","))
	return brokers, cluster.Close, nil
}
