package onex_test

import (
	"context"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	onex "github.com/omninode-ai/onexevents/runtime"
)

func TestConfigRefused(t *testing.T) {
	for want, cfg := range map[string]onex.Config{
		`"a b" cannot begin a topic`:  {Namespace: "a b"},
		`".dev" cannot begin a topic`: {Namespace: ".dev"},
		"-1 is no limit; set Config.MaxInFlight to a positive number, or to 0 for the default of 10000": {MaxInFlight: -1},
		"set Config.MaxInFlightBytes to a positive number":                                              {MaxInFlightBytes: -1},
		"set Config.MaxEventBytes to a positive number":                                                 {MaxEventBytes: -1},
		"set Config.MaxErrorBytes to a positive number":                                                 {MaxErrorBytes: -1},
		"set Config.MaxMetadataBytes to a positive number":                                              {MaxMetadataBytes: -1},
		"set Config.SpoolAfter to a positive one":                                                       {SpoolAfter: -1},
		"set Config.QueueFull to RefuseNew or DropOldest":                                               {QueueFull: 7},
		"make Config.DeadLetterSuffix of":                                                               {DeadLetterSuffix: " "},
	} {
		pub, err := onex.NewPublisher(cfg)
		if err == nil {
			_ = pub.Close(context.Background())
		}
		if err == nil || !strings.HasPrefix(err.Error(), "onex: config: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want it to contain %q", err, want)
		}
	}
}

// Options with which the publisher could not keep its promises are refused,
// each by its name and with the reason.
func TestOptionsRefused(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for name, opts := range map[string][]kgo.Opt{
		"RecordDeliveryTimeout":              {kgo.RecordDeliveryTimeout(time.Second)},
		"RecordRetries":                      {kgo.RecordRetries(3)},
		"UnknownTopicRetries":                {kgo.UnknownTopicRetries(-1)},
		"MaxBufferedRecords":                 {kgo.MaxBufferedRecords(10)},
		"MaxBufferedBytes":                   {kgo.MaxBufferedBytes(1 << 20)},
		"RequiredAcks":                       {kgo.RequiredAcks(kgo.LeaderAck()), kgo.DisableIdempotentWrite()},
		"DisableIdempotentWrite":             {kgo.DisableIdempotentWrite()},
		"AllowIdempotentProduceCancellation": {kgo.AllowIdempotentProduceCancellation()},
		"StopProducerOnDataLossDetected":     {kgo.StopProducerOnDataLossDetected()},
		"ManualFlushing":                     {kgo.ManualFlushing()},
		"DefaultProduceTopicAlways":          {kgo.DefaultProduceTopic("t"), kgo.DefaultProduceTopicAlways()},
		"TransactionalID":                    {kgo.TransactionalID("t")},
		"WithContext":                        {kgo.WithContext(ctx)},
		"ConsumeTopics":                      {kgo.ConsumeTopics("t")},
		"ConsumePartitions":                  {kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{"t": {0: kgo.NewOffset()}})},
		"ConsumerGroup":                      {kgo.ConsumerGroup("g"), kgo.ConsumeTopics("t")},
		"RecordPartitioner":                  {kgo.RecordPartitioner(kgo.RoundRobinPartitioner())},
		"RecordPartitioner: the events":      {kgo.RecordPartitioner(kgo.StickyPartitioner())},
		"RecordPartitioner: the events of":   {kgo.RecordPartitioner(kgo.LeastBackupPartitioner())},
		"would have no order":                {kgo.RecordPartitioner(kgo.UniformBytesPartitioner(1<<10, true, false, nil))},
	} {
		pub, err := onex.NewPublisher(onex.Config{}, opts...)
		if err == nil {
			_ = pub.Close(context.Background())
		}
		if err == nil || !strings.Contains(err.Error(), "kgo.") || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// Partitioners that go by the key are taken, whoever has made them.
func TestPartitionersAccepted(t *testing.T) {
	for _, p := range []kgo.Partitioner{
		nil, onex.BalancedPartitioner(), onex.HashPartitioner(), kgo.ManualPartitioner(), kgo.StickyKeyPartitioner(nil),
		kgo.UniformBytesPartitioner(1<<10, true, true, nil), kgo.BasicConsistentPartitioner(func(string) func(*kgo.Record, int) int {
			return func(*kgo.Record, int) int { return 0 }
		}),
	} {
		pub, err := onex.NewPublisher(onex.Config{}, kgo.SeedBrokers(noKafka(t)), kgo.RecordPartitioner(p))
		if err != nil {
			t.Errorf("%T: %v", p, err)
			continue
		}
		_ = pub.Close(closed(testContext(t)))
	}
}

func TestOptionsAccepted(t *testing.T) {
	pub, err := onex.NewPublisher(onex.Config{MaxInFlight: math.MaxInt, MaxInFlightBytes: math.MaxInt, MaxEventBytes: math.MaxInt, MaxErrorBytes: math.MaxInt},
		kgo.SeedBrokers(noKafka(t)), kgo.ClientID("node"), kgo.UnknownTopicRetries(3),
		kgo.ProducerBatchCompression(kgo.ZstdCompression()), kgo.RequiredAcks(kgo.AllISRAcks()), kgo.WithContext(context.Background()))
	if err != nil {
		t.Fatal(err)
	}
	if err := pub.Close(testContext(t)); err != nil {
		t.Error(err)
	}
}

// What the configuration leaves out is what the contract says.
func TestConfigDefaults(t *testing.T) {
	broker := startKafka(t)
	pub := newPublisher(t, onex.Config{}, broker)
	node := onex.NewNode(pub, "n1", onex.NodeSpec{Type: "reducer", Service: "tally"})
	if err := onex.MetricRecorded(testContext(t), node, "m", 1, "u"); err != nil {
		t.Fatal(err)
	}
	r := consume(t, broker, 1)[0]
	e := r.env
	if r.Topic != "dev.tally.reducer.metric.recorded.v1" || e.Environment != "development" || *e.SourceService != "tally" ||
		e.SourceInstance != nil || e.Region != nil || e.PartitionKey != nil || e.CausationID != nil || e.CorrelationID != nil ||
		e.EnvelopeVersion != "1.0" || e.EventVersion != "1.0" {
		t.Errorf("topic %s, envelope %s", r.Topic, r.Value)
	}
}
