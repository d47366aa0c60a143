package onex

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// newClient makes the Kafka client from the caller's options, which may change
// all of the defaults but not break the publisher's promises.
func newClient(warn func(message string, attrs ...any), opts []kgo.Opt) (*kgo.Client, error) {
	all := append(clientDefaults(warn), opts...)
	client, err := kgo.NewClient(all...)
	if err != nil {
		return nil, err
	}
	if err := checkClient(client); err != nil {
		client.Close()
		return nil, err
	}
	logger, ok := client.OptValue(kgo.WithLogger).(kgo.Logger)
	if !ok {
		return client, nil
	}
	client.Close()
	return kgo.NewClient(append(all, kgo.WithLogger(withoutFlushes{logger}))...)
}

// withoutFlushes is a client's logger that is not told of every time that the client is
// asked to send what it has.
type withoutFlushes struct{ kgo.Logger }

func (q withoutFlushes) Log(level kgo.LogLevel, msg string, keyvals ...any) {
	if msg != "flushing" && msg != "flushed" {
		q.Logger.Log(level, msg, keyvals...)
	}
}

func clientDefaults(warn func(message string, attrs ...any)) []kgo.Opt {
	return []kgo.Opt{
		kgo.MaxBufferedRecords(math.MaxInt32), // the publisher has bounds of its own
		kgo.ProducerLinger(linger),
		kgo.UnknownTopicRetries(unknownTopicRetries),
		kgo.ProduceRequestTimeout(5 * time.Second),
		kgo.RequestTimeoutOverhead(5 * time.Second),
		kgo.DialTimeout(3 * time.Second),
		kgo.MetadataMinAge(time.Second),
		kgo.MetadataMaxAge(time.Minute),
		// A broker that closes the connection may only be restarting.
		kgo.AlwaysRetryEOF(),
		// As Java's producer does; the brokers have the last word.
		kgo.AllowAutoTopicCreation(),
		kgo.ProducerOnDataLossDetected(func(topic string, partition int32) {
			warn("Kafka has lost records that it had acknowledged", "topic", topic, "partition", partition)
		}),
		kgo.DisableClientMetrics(),
	}
}

const unknownTopicRetries = 10

// checkClient reports the options with which the publisher could not keep its
// promises, each with the reason.
func checkClient(client *kgo.Client) error {
	var faults []error
	refuse := func(is bool, option, why string) {
		if is {
			faults = append(faults, fmt.Errorf("kgo.%s: %s", option, why))
		}
	}
	refuse(client.OptValue(kgo.RecordDeliveryTimeout) != time.Duration(0), "RecordDeliveryTimeout",
		"an event would be given up while Kafka may still write it; bound the time at Close")
	refuse(client.OptValue(kgo.RecordRetries) != int64(math.MaxInt64), "RecordRetries",
		"an event would be given up while Kafka may still write it; bound the time at Close")
	refuse(client.OptValue(kgo.UnknownTopicRetries).(int64) < 0, "UnknownTopicRetries",
		"events for a topic that does not exist would fill the queue for ever")
	refuse(client.OptValue(kgo.MaxBufferedRecords) != int64(math.MaxInt32), "MaxBufferedRecords",
		"the publisher bounds what is in flight itself; set Config.MaxInFlight")
	refuse(client.OptValue(kgo.ProducerLinger) != linger, "ProducerLinger",
		"the publisher itself says when to send; events gather while others are on their way")
	refuse(client.OptValue(kgo.MaxBufferedBytes) != int64(0), "MaxBufferedBytes",
		"the publisher bounds what is in flight itself; set Config.MaxInFlightBytes")
	refuse(client.OptValue(kgo.RequiredAcks) != kgo.AllISRAcks(), "RequiredAcks",
		"a delivered event could be gone with one broker; delivered means that all in-sync replicas have it")
	refuse(client.OptValue(kgo.DisableIdempotentWrite) == true, "DisableIdempotentWrite",
		"a retry could write an event twice, or behind its successor")
	refuse(client.OptValue(kgo.AllowIdempotentProduceCancellation) == true, "AllowIdempotentProduceCancellation",
		"an event would be given up while Kafka may still write it")
	refuse(client.OptValue(kgo.StopProducerOnDataLossDetected) == true, "StopProducerOnDataLossDetected",
		"one loss in Kafka would end all publishing")
	refuse(client.OptValue(kgo.ManualFlushing) == true, "ManualFlushing",
		"nothing would be sent until Flush")
	refuse(client.OptValue(kgo.DefaultProduceTopicAlways) == true, "DefaultProduceTopicAlways",
		"every event has a topic of its own")
	refuse(client.OptValues(kgo.TransactionalID)[1] == true, "TransactionalID",
		"events are not part of a transaction; they tell of its failure too")
	refuse(canEnd(client.OptValue(kgo.WithContext)), "WithContext",
		"its end would end the client with events in flight; use Close")
	refuse(consumes(client), "ConsumeTopics, ConsumePartitions, ConsumerGroup and ShareGroup",
		"the publisher's client does not consume; make another one")
	return errors.Join(faults...)
}

// hasHooks tells whether the caller has given the client hooks, beside the
// publisher's own two. The client returns them in a slice of a type of its own.
func hasHooks(client *kgo.Client) bool {
	return reflect.ValueOf(client.OptValue(kgo.WithHooks)).Len() > 2
}

func canEnd(ctx any) bool {
	c, ok := ctx.(context.Context)
	return ok && c.Done() != nil
}

func consumes(client *kgo.Client) bool {
	// What type the value of an option has depends on the client's version.
	given := func(option any) bool { return reflect.ValueOf(client.OptValue(option)).Len() > 0 }
	return given(kgo.ConsumeTopics) || given(kgo.ConsumePartitions) || given(kgo.ConsumerGroup) || given(kgo.ShareGroup)
}
