package kafkacluster

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// Variable is the environment variable that may name the folders of clusters
// that run already, separated as in PATH: [Shared] takes the one with so many
// nodes, which saves time, and may be used by others, so that tests must not
// rely on being alone.
const Variable = "ONEX_TEST_KAFKA"

var shared struct {
	sync.Mutex
	clusters map[int]*Cluster // by the number of nodes
	err      error
}

// Shared returns the cluster of so many nodes that the tests of a program have
// in common. The first test that asks starts it.
func Shared(t testing.TB, nodes int) *Cluster {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.err != nil {
		t.Fatalf("no cluster: %v", shared.err) // and no other attempt, which would take as long
	}
	c, ok := shared.clusters[nodes]
	if !ok {
		c, shared.err = find(nodes)
		if shared.err != nil {
			t.Fatal(shared.err)
		}
		if shared.clusters == nil {
			shared.clusters = map[int]*Cluster{}
		}
		shared.clusters[nodes] = c
	}
	return c
}

func find(nodes int) (*Cluster, error) {
	for _, folder := range filepath.SplitList(os.Getenv(Variable)) {
		c, err := Open(folder)
		if err != nil {
			return nil, err
		}
		if c.nodes == nodes {
			return c, nil
		}
	}
	return New(nodes)
}

// Main runs the tests and then ends the clusters that they have started; it
// returns what TestMain has to give to os.Exit.
func Main(m *testing.M) int {
	code := m.Run()
	shared.Lock()
	defer shared.Unlock()
	for _, c := range shared.clusters {
		if err := c.Close(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
	}
	return code
}
