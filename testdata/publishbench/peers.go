package main

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/IBM/sarama"
	"github.com/ThreeDotsLabs/watermill"
	watermillkafka "github.com/ThreeDotsLabs/watermill-kafka/v3/pkg/kafka"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/cloudevents/sdk-go/protocol/kafka_sarama/v2"
	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/google/uuid"
	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/example/stamping"
	onex "github.com/omninode-ai/onexevents/runtime"
)

// sender publishes events and waits until Kafka has acknowledged all of them.
type sender interface {
	send(correlationIDs []uuid.UUID) error
	close() error
}

// peer is a way of getting events to Kafka: the fastest that its documentation
// has and that waits for all acknowledgements.
type peer struct {
	name   string // of the benchmark
	events int    // of a turn
	start  func(brokers []string, topic string) (sender, error)
}

// asynchronous and synchronous clients publish so many events a turn: enough for
// some tenths of a second.
const (
	many    = 20_000
	few     = 200  // one after the other
	several = 5000 // by 64 goroutines
)

var ours = peer{"onexevents", many, startOnexevents}

var peers = []peer{
	{"franz_go_structs", many, startFranz(func(id string) any { return structOf(id) })},
	{"franz_go_maps", many, startFranz(func(id string) any { return mapOf(id) })},
	{"kafka_go_async", many, startKafkaGo(true, 1)},
	{"kafka_go_1", few, startKafkaGo(false, 1)},
	{"kafka_go_64", several, startKafkaGo(false, 64)},
	{"watermill_1", few, startWatermill(1)},
	{"watermill_64", several, startWatermill(64)},
	{"cloudevents_1", few, startCloudEvents(1)},
	{"cloudevents_64", several, startCloudEvents(64)},
}

// namespace begins the topics.
const namespace = "publishbench"

// topicOf returns the topic of a peer. That of onexevents has its name from the
// node.
func topicOf(name string) string {
	if name == ours.name {
		return namespace + ".stamping." + eventType + ".v1"
	}
	return namespace + "." + name + ".v1"
}

// each calls send for each event, from so many goroutines.
func each(goroutines int, ids []uuid.UUID, send func(id string) error) error {
	var next atomic.Int64
	errs := make([]error, goroutines)
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(ids) {
					return
				}
				if err := send(ids[i].String()); err != nil {
					errs[g] = err
					return
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// senderFuncs is a sender of functions.
type senderFuncs struct {
	sendAll func([]uuid.UUID) error
	end     func() error
}

func (s senderFuncs) send(ids []uuid.UUID) error { return s.sendAll(ids) }
func (s senderFuncs) close() error               { return s.end() }

func startOnexevents(brokers []string, _ string) (sender, error) {
	pub, err := onex.NewPublisher(onex.Config{Namespace: namespace, MaxInFlight: 1 << 20, MaxInFlightBytes: 1 << 30}, kgo.SeedBrokers(brokers...))
	if err != nil {
		return nil, err
	}
	events := stamping.NewStamperEvents(pub, "stamper-1")
	ctx := context.Background()
	return senderFuncs{
		func(ids []uuid.UUID) error {
			delivered := pub.Ledger().Delivered
			for _, id := range ids {
				if err := events.PublishStampStarted(ctx, id, stamping.Document{ID: "1", Text: "text"}); err != nil {
					return err
				}
			}
			if err := pub.Flush(ctx); err != nil {
				return err
			}
			if n := pub.Ledger().Delivered - delivered; n != int64(len(ids)) {
				return errors.New("events were not delivered")
			}
			return nil
		},
		func() error { return pub.Close(ctx) },
	}, nil
}

// franz-go waits for all in-sync replicas, is idempotent, lingers 10 ms and
// compresses with snappy by default.
func startFranz(event func(id string) any) func(brokers []string, topic string) (sender, error) {
	return func(brokers []string, topic string) (sender, error) {
		client, err := kgo.NewClient(kgo.SeedBrokers(brokers...), kgo.DefaultProduceTopic(topic), kgo.MaxBufferedRecords(1<<20))
		if err != nil {
			return nil, err
		}
		ctx := context.Background()
		return senderFuncs{
			func(ids []uuid.UUID) error {
				var failed atomic.Pointer[error]
				for _, id := range ids {
					key := id.String()
					value, err := json.Marshal(event(key))
					if err != nil {
						return err
					}
					client.Produce(ctx, &kgo.Record{Key: []byte(key), Value: value}, func(_ *kgo.Record, err error) {
						if err != nil {
							failed.Store(&err)
						}
					})
				}
				if err := client.Flush(ctx); err != nil {
					return err
				}
				if err := failed.Load(); err != nil {
					return *err
				}
				return nil
			},
			func() error { client.Close(); return nil },
		}, nil
	}
}

// kafka-go's documentation has Async for throughput, and large batches.
func startKafkaGo(async bool, goroutines int) func(brokers []string, topic string) (sender, error) {
	return func(brokers []string, topic string) (sender, error) {
		var answered sync.WaitGroup
		var failed atomic.Pointer[error]
		w := &kafka.Writer{
			Addr: kafka.TCP(brokers...), Topic: topic, Balancer: kafka.Murmur2Balancer{},
			RequiredAcks: kafka.RequireAll, Compression: kafka.Snappy, Async: async,
			BatchSize: goroutines, BatchTimeout: time.Millisecond, Transport: new(kafka.Transport),
		}
		if async {
			w.BatchSize, w.BatchTimeout = 1000, 10*time.Millisecond
			w.Completion = func(messages []kafka.Message, err error) {
				if err != nil {
					failed.Store(&err)
				}
				answered.Add(-len(messages))
			}
		}
		ctx := context.Background()
		return senderFuncs{
			func(ids []uuid.UUID) error {
				if async {
					answered.Add(len(ids))
				}
				err := each(goroutines, ids, func(id string) error {
					value, err := json.Marshal(structOf(id))
					if err != nil {
						return err
					}
					return w.WriteMessages(ctx, kafka.Message{Key: []byte(id), Value: value})
				})
				if err != nil {
					return err
				}
				answered.Wait()
				if err := failed.Load(); err != nil {
					return *err
				}
				return nil
			},
			w.Close,
		}, nil
	}
}

// saramaConfig is for a producer that waits for all in-sync replicas. A
// synchronous one sends what its callers have brought meanwhile.
func saramaConfig() *sarama.Config {
	c := sarama.NewConfig()
	c.Version = sarama.V2_8_0_0
	c.Producer.RequiredAcks = sarama.WaitForAll
	c.Producer.Return.Successes = true
	c.Producer.Compression = sarama.CompressionSnappy
	return c
}

func startWatermill(goroutines int) func(brokers []string, topic string) (sender, error) {
	return func(brokers []string, topic string) (sender, error) {
		key := func(_ string, m *message.Message) (string, error) { return m.Metadata.Get("key"), nil }
		pub, err := watermillkafka.NewPublisher(watermillkafka.PublisherConfig{
			Brokers: brokers, Marshaler: watermillkafka.NewWithPartitioningMarshaler(key), OverwriteSaramaConfig: saramaConfig(),
		}, watermill.NopLogger{})
		if err != nil {
			return nil, err
		}
		return senderFuncs{
			func(ids []uuid.UUID) error {
				return each(goroutines, ids, func(id string) error {
					e := structOf(id)
					value, err := json.Marshal(e)
					if err != nil {
						return err
					}
					m := message.NewMessage(e.EventID, value)
					m.Metadata.Set("key", id)
					return pub.Publish(topic, m)
				})
			},
			pub.Close,
		}, nil
	}
}

// A CloudEvent has its own envelope; the payload is its data.
func startCloudEvents(goroutines int) func(brokers []string, topic string) (sender, error) {
	return func(brokers []string, topic string) (sender, error) {
		s, err := kafka_sarama.NewSender(brokers, saramaConfig(), topic)
		if err != nil {
			return nil, err
		}
		client, err := cloudevents.NewClient(s, cloudevents.WithTimeNow(), cloudevents.WithUUIDs())
		if err != nil {
			return nil, err
		}
		return senderFuncs{
			func(ids []uuid.UUID) error {
				return each(goroutines, ids, func(id string) error {
					e := cloudevents.NewEvent()
					e.SetType(eventType)
					e.SetSource("stamper-1")
					if err := e.SetData(cloudevents.ApplicationJSON, payloadOf(id, time.Now().UTC().Format(time.RFC3339Nano))); err != nil {
						return err
					}
					ctx := kafka_sarama.WithMessageKey(context.Background(), sarama.StringEncoder(id))
					if result := client.Send(ctx, e); !cloudevents.IsACK(result) {
						return result
					}
					return nil
				})
			},
			func() error { return s.Close(context.Background()) },
		}, nil
	}
}
