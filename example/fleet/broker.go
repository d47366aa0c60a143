package main

import (
	"fmt"
	"os"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// connect returns how the publishers are to be made, and what ends the broker if
// it is an embedded one. where says which it is.
func connect(o options) (cfg onex.Config, opts []kgo.Opt, where string, stop func(), err error) {
	cfg, opts, err = onex.ConfigFromEnv()
	if err != nil {
		return onex.Config{}, nil, "", nil, err
	}
	where, stop = os.Getenv("KAFKA_BOOTSTRAP_SERVERS"), func() {}
	if where == "" {
		cluster, err := kfake.NewCluster(kfake.Ports(0), kfake.NumBrokers(1), kfake.AllowAutoTopicCreation(), kfake.DefaultNumPartitions(o.partitions))
		if err != nil {
			return onex.Config{}, nil, "", nil, fmt.Errorf("start the embedded broker: %w", err)
		}
		opts = []kgo.Opt{kgo.SeedBrokers(cluster.ListenAddrs()...)} // the environment's security is that of another cluster
		where, stop = "embedded", cluster.Close
	}
	switch {
	case o.namespace != "":
		cfg.Namespace = o.namespace
	case cfg.Namespace == "":
		cfg.Namespace = "fleet"
	}
	cfg.MaxInFlight = o.inFlight
	cfg.TopicName = schemes[o.scheme]
	return cfg, opts, where, stop, nil
}
