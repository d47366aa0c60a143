package cluster

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
)

// Patience is how long a broker may take to answer for the first time.
const Patience = 10 * time.Second

// Limits bound what is read of an answer of a broker. One that lies about itself takes
// about twenty times as much memory before that is found out.
func Limits() []kgo.Opt {
	return []kgo.Opt{kgo.BrokerMaxReadBytes(answerBytes), kgo.FetchMaxBytes(fetchBytes), kgo.FetchMaxPartitionBytes(fetchBytes)}
}

// Dial makes a client, and waits until a broker has answered it.
func Dial(ctx context.Context, opts []kgo.Opt, more ...kgo.Opt) (*kgo.Client, error) {
	opts = append(append(append(Limits(),
		kgo.DialTimeout(3*time.Second), kgo.ProduceRequestTimeout(5*time.Second), kgo.RequestTimeoutOverhead(5*time.Second), // as publishers
		kgo.DisableClientMetrics(), kgo.ProducerBatchCompression(kgo.NoCompression()),
	), opts...), more...)
	client, err := kgo.NewClient(opts...)
	if err != nil {
		return nil, err
	}
	asking, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	if err := client.Ping(asking); err != nil {
		seeds, _ := client.OptValue(kgo.SeedBrokers).([]string)
		client.Close()
		return nil, fmt.Errorf("no broker of %s answers (%s); look at -brokers and the other settings of the connection",
			terminal.Printable(strings.Join(seeds, ",")), terminal.Printable(err.Error()))
	}
	return client, nil
}
