package check

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/cluster"
	onex "github.com/omninode-ai/onexevents/runtime"
)

// brokerPatience is how long one broker may take to answer, when others do.
const brokerPatience = 5 * time.Second

// examineBrokers asks each broker of the cluster, at the address that the
// cluster tells of it, and whether events may be written idempotently.
func (f *findings) examineBrokers(ctx context.Context, client *kgo.Client) {
	resp, err := cluster.Metadata(ctx, client, nil)
	if err != nil {
		f.down(err)
		return
	}
	f.Brokers = make([]brokerFinding, len(resp.Brokers))
	var asking sync.WaitGroup
	for i, b := range resp.Brokers {
		asking.Go(func() {
			asked, cancel := context.WithTimeout(ctx, brokerPatience)
			defer cancel()
			_, err := cluster.Metadata(asked, client.Broker(int(b.NodeID)), nil)
			f.Brokers[i] = brokerFinding{b.NodeID, net.JoinHostPort(b.Host, strconv.Itoa(int(b.Port))), faultOf(onex.CauseOf(err), err)}
		})
	}
	asking.Wait()
	slices.SortFunc(f.Brokers, func(a, b brokerFinding) int { return int(a.ID) - int(b.ID) })
	if !slices.ContainsFunc(f.Brokers, func(b brokerFinding) bool { return b.isNone() }) {
		f.down(errors.New("none of the brokers answers at the address that the cluster tells of it; correct advertised.listeners"))
		return
	}
	// As a producer begins; it gives out a number, and writes nothing.
	init := kmsg.NewPtrInitProducerIDRequest()
	answer, err := init.RequestWith(ctx, client)
	if err == nil {
		err = kerr.ErrorForCode(answer.ErrorCode)
	}
	if err != nil {
		f.down(fmt.Errorf("begin to write idempotently: %w", err))
	}
}

func (f *findings) down(err error) {
	f.Up, f.fault = false, faultOf(onex.CauseOf(err), err)
}

// topicsAtOnce is how many topics are asked about with one request.
const topicsAtOnce = 500

func (f *findings) examineTopics(ctx context.Context, client *kgo.Client, topics []string) {
	f.Checked = len(topics)
	for some := range slices.Chunk(topics, topicsAtOnce) {
		resp, err := cluster.Metadata(ctx, client, some)
		var least map[string]int
		if err == nil {
			least, err = minInSync(ctx, client, some)
		}
		if err != nil {
			for _, topic := range some {
				f.Topics = append(f.Topics, topicFinding{topic, faultOf(onex.CauseOf(err), err)})
			}
			continue
		}
		answers := map[string]kmsg.MetadataResponseTopic{}
		for _, t := range resp.Topics {
			if t.Topic != nil {
				answers[*t.Topic] = t
			}
		}
		for _, topic := range some {
			if fault := f.faultOfTopic(answers[topic], least[topic]); !fault.isNone() {
				f.Topics = append(f.Topics, topicFinding{topic, fault})
			}
		}
	}
}

// faultOfTopic says why events would not get to a topic. Of the operations that
// the user may do with it, brokers tell with the rest.
func (f *findings) faultOfTopic(t kmsg.MetadataResponseTopic, least int) fault {
	const unknown = math.MinInt32
	switch err := kerr.ErrorForCode(t.ErrorCode); {
	case errors.Is(err, kerr.UnknownTopicOrPartition):
		return faultOf(onex.CauseTopicMissing, errors.New("it does not exist"))
	case err != nil:
		return faultOf(onex.CauseOf(err), err)
	}
	if t.AuthorizedOperations != unknown && t.AuthorizedOperations&(1<<kmsg.ACLOperationWrite) == 0 {
		return faultOf(onex.CauseAuthorization, errors.New("the user may not write to it"))
	}
	for _, p := range t.Partitions {
		switch {
		case p.Leader < 0 || p.ErrorCode == kerr.LeaderNotAvailable.Code:
			return fault{onex.CauseTimeout, fmt.Sprintf("partition %d has no leader", p.Partition), "start the brokers that have it"}
		case f.isSilent(p.Leader):
			return fault{onex.CauseTimeout, fmt.Sprintf("partition %d is led by broker %d, which does not answer", p.Partition, p.Leader), "start the broker, or wait until another one leads"}
		case len(p.ISR) < least && least <= len(p.Replicas): // else what is asked for is lowered, since Kafka 3.7
			return fault{onex.CauseTimeout, fmt.Sprintf("partition %d has %d in-sync replicas, and min.insync.replicas is %d", p.Partition, len(p.ISR), least), "start the brokers that have it"}
		}
	}
	if len(t.Partitions) == 0 {
		return faultOf(onex.CauseTopicMissing, errors.New("it has no partitions"))
	}
	return fault{}
}

func (f *findings) isSilent(broker int32) bool {
	return slices.ContainsFunc(f.Brokers, func(b brokerFinding) bool { return b.ID == broker && !b.isNone() })
}

// minInSync returns how many in-sync replicas the topics need, as far as the
// user may know.
func minInSync(ctx context.Context, client *kgo.Client, topics []string) (map[string]int, error) {
	req := kmsg.NewPtrDescribeConfigsRequest()
	for _, topic := range topics {
		resource := kmsg.NewDescribeConfigsRequestResource()
		resource.ResourceType, resource.ResourceName, resource.ConfigNames = kmsg.ConfigResourceTypeTopic, topic, []string{"min.insync.replicas"}
		req.Resources = append(req.Resources, resource)
	}
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return nil, err
	}
	least := map[string]int{}
	for _, r := range resp.Resources {
		for _, c := range r.Configs {
			if c.Value != nil {
				least[r.ResourceName], _ = strconv.Atoi(*c.Value)
			}
		}
	}
	return least, nil
}
