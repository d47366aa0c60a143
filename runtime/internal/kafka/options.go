package kafka

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
)

// linger is how long kgo keeps what it was not told to send. What a group takes
// longer for is left for the next one.
const linger = 25 * time.Millisecond

// longestIdle is how long a connection is kept on which nothing happens. It bounds
// for how long a broker can make a client wait that throttles it: it may say for
// 24 days, and kgo would obey.
const longestIdle = 20 * time.Second

// readBytes bounds what is read of an answer of a broker. One that lies about itself
// takes about twenty times as much memory before that is found out.
const readBytes = 8 << 20

// bounds are for the program to change too.
func bounds() []kgo.Opt {
	return []kgo.Opt{kgo.BrokerMaxReadBytes(readBytes), kgo.FetchMaxBytes(1 << 20)} // the latter must not be larger, and nothing is fetched
}

// RecordOverhead is what a record in a batch takes beyond its key and value, at
// the most.
const (
	RecordOverhead = 64
	batchOverhead  = 128
)

// defaults are for the program to change, but for what [check] refuses.
func defaults(noteReset func(topic string, partition int32)) []kgo.Opt {
	return append(bounds(),
		kgo.MaxBufferedRecords(math.MaxInt32), // the publisher has bounds of its own
		kgo.ProducerLinger(linger),
		kgo.UnknownTopicRetries(10),
		kgo.ProduceRequestTimeout(5*time.Second),
		kgo.RequestTimeoutOverhead(10*time.Second), // brokers that take 6 s for everything are slow, and not away
		kgo.DialTimeout(3*time.Second),
		kgo.MetadataMinAge(time.Second),
		kgo.MetadataMaxAge(time.Minute),
		// A broker that closes the connection may only be restarting.
		kgo.AlwaysRetryEOF(),
		// As Java's producer does; the brokers have the last word.
		kgo.AllowAutoTopicCreation(),
		kgo.ProducerOnDataLossDetected(noteReset),
		kgo.DisableClientMetrics(),
		// Python's clients have no codec but gzip's unless somebody has installed it.
		kgo.ProducerBatchCompression(kgo.NoCompression()),
	)
}

// check reports the options with which the publisher could not keep its
// promises, each with the reason.
func check(client *kgo.Client) error {
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
	refuse(isInTurn(client), "RecordPartitioner",
		"the events of one key would have no order; take one that picks partitions by the key, as the default does")
	refuse(canEnd(client.OptValue(kgo.WithContext)), "WithContext",
		"its end would end the client with events in flight; use Close")
	refuse(consumes(client), "ConsumeTopics, ConsumePartitions, ConsumerGroup and ShareGroup",
		"the publisher's client does not consume; make another one")
	return errors.Join(faults...)
}

// isInTurn tells whether the partition of a record is not its key's alone.
func isInTurn(client *kgo.Client) (inTurn bool) {
	p, _ := client.OptValue(kgo.RecordPartitioner).(kgo.Partitioner)
	if p == nil {
		return false
	}
	_ = guarded(func() { inTurn = !p.ForTopic("t").RequiresConsistency(&kgo.Record{Topic: "t", Key: []byte("key")}) })
	return inTurn
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

// atBirth is a hook that is called when a client is about to be made.
type atBirth func(*kgo.Client)

var _ kgo.HookNewClient = atBirth(nil)

func (f atBirth) OnNewClient(client *kgo.Client) { f(client) }

// look returns a client with the options that has never come alive, or what is
// wrong with them.
func look(opts []kgo.Opt) (*kgo.Client, error) {
	client, err := unborn(opts)
	if err != nil {
		return nil, err
	}
	return client, check(client)
}

// unborn returns a client that has settings and nothing else: no goroutine, no
// connection, and the program's hooks have not heard of it. kgo tells a client's
// settings, but not those of options. It calls hooks in order, and before it starts
// any of a client's goroutines, so the first of them can end its making.
func unborn(opts []kgo.Opt) (client *kgo.Client, err error) {
	end := make(chan struct{}) // of its making
	failure := guarded(func() {
		first := kgo.WithHooks(atBirth(func(c *kgo.Client) {
			client = c
			close(end)
			panic(end)
		}))
		_, err = kgo.NewClient(slices.Concat([]kgo.Opt{first}, opts)...)
	})
	select {
	case <-end:
		return client, nil
	default:
		return nil, errors.Join(err, failure)
	}
}

// complete returns the options with which clients are made: the program's without its
// hooks, and what it gives them is guarded. like is a client with these options.
func complete(opts []kgo.Opt, like *kgo.Client, g guard) []kgo.Opt {
	all := slices.Concat(opts, guardCallbacks(like, g))
	if idle, ok := like.OptValue(kgo.ConnIdleTimeout).(time.Duration); ok && idle > longestIdle {
		all = append(all, kgo.ConnIdleTimeout(longestIdle))
	}
	theirs := given(like)
	first := kgo.WithHooks(atBirth(func(c *kgo.Client) {
		// These are lists that only the client has, and of them the program's elements.
		for i := range given(c)[:len(theirs)] {
			given(c)[i] = struct{}{}
		}
		mechanisms, _ := c.OptValue(kgo.SASL).([]sasl.Mechanism)
		for i, m := range mechanisms {
			mechanisms[i] = mechanism{m}
		}
	}))
	return append([]kgo.Opt{first}, all...)
}

// given returns the hooks of a client but for the first, which is our own.
func given(client *kgo.Client) []kgo.Hook {
	hooks, _ := client.OptValue(kgo.WithHooks).([]kgo.Hook)
	return hooks[1:]
}
