// Package fakecluster is what the tests of topics share: a cluster of kfake's, and what it
// says of a topic. Nothing but tests imports it.
package fakecluster

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
)

// New returns a cluster that does not make topics by itself, and ends with the test.
func New(t testing.TB, opts ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	cluster, err := kfake.NewCluster(append([]kfake.Opt{kfake.Ports(0), kfake.NumBrokers(1)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	return cluster
}

// Settings returns a topic's partitions and settings as the cluster has them.
func Settings(t testing.TB, c *kfake.Cluster, topic string) string {
	t.Helper()
	info := c.TopicInfo(topic)
	if info == nil {
		t.Fatalf("there is no topic %s", topic)
	}
	var configs []string
	for name, value := range info.Configs {
		configs = append(configs, name+"="+*value)
	}
	slices.Sort(configs)
	return fmt.Sprintf("%d %s", len(c.PartitionInfos(topic)), strings.Join(configs, " "))
}
