// Package broker finds the cluster with which an example works.
package broker

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// security are the variables that the embedded broker has no use for: it wants no
// TLS and no password.
var security = regexp.MustCompile(`^KAFKA_(SECURITY|SASL|SSL)_`)

// Find returns what the environment says, of the cluster at KAFKA_BOOTSTRAP_SERVERS
// or else of an embedded broker, which stop ends. It prints which one it is.
func Find(out io.Writer) (cfg onex.Config, opts []kgo.Opt, stop func(), err error) {
	if servers := os.Getenv("KAFKA_BOOTSTRAP_SERVERS"); servers != "" {
		fmt.Fprintf(out, "Kafka at %s\n\n", servers)
		cfg, opts, err = onex.ConfigFromEnv()
		return cfg, opts, func() {}, err
	}
	cluster, err := kfake.NewCluster(kfake.Ports(0), kfake.DefaultNumPartitions(3))
	if err != nil {
		return cfg, nil, nil, fmt.Errorf("start the embedded broker: %w", err)
	}
	servers := strings.Join(cluster.ListenAddrs(), ",")
	fmt.Fprintf(out, "embedded Kafka at %s\n\n", servers)
	cfg, opts, err = onex.ConfigFrom(func(name string) string {
		switch {
		case name == "KAFKA_BOOTSTRAP_SERVERS":
			return servers
		case security.MatchString(name):
			return ""
		default:
			return os.Getenv(name)
		}
	})
	if err != nil {
		cluster.Close()
	}
	return cfg, opts, cluster.Close, err
}
