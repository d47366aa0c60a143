package onex_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// This file pins what the publisher's design rests on: how the Kafka client
// behaves where one might think otherwise. A test that fails here after an
// update of the client says which part of the design to look at again.

const aTopic = "t"

func newCluster(t *testing.T, opts ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	cluster, err := kfake.NewCluster(append([]kfake.Opt{kfake.Ports(0), kfake.NumBrokers(1), kfake.SeedTopics(1, aTopic)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	return cluster
}

func newKgo(t *testing.T, cluster *kfake.Cluster, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	client, err := kgo.NewClient(append(append(quick(), kgo.SeedBrokers(cluster.ListenAddrs()...)), opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// produceAll gives the client n records and returns what its promises say.
func produceAll(ctx context.Context, client *kgo.Client, topic string, n int) (wait func() []error) {
	var done sync.WaitGroup
	errs := make([]error, n)
	for i := range n {
		done.Add(1)
		client.TryProduce(ctx, &kgo.Record{Topic: topic, Value: []byte{byte(i)}}, func(_ *kgo.Record, err error) {
			errs[i] = err
			done.Done()
		})
	}
	return func() []error { done.Wait(); return errs }
}

func countErrors(errs []error, is func(error) bool) (n int) {
	for _, err := range errs {
		if is(err) {
			n++
		}
	}
	return n
}

func failed(err error) bool { return err != nil }

// producer.replace: one fatal answer, and nothing is delivered any more.
func TestClientIsPoisonedForLife(t *testing.T) {
	cluster := newCluster(t)
	client := newKgo(t, cluster)
	cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.InitProducerID}, TopLevel: true, Err: kerr.ClusterAuthorizationFailed, Count: 1})
	for range 2 {
		if errs := produceAll(context.Background(), client, aTopic, 1)(); errs[0] == nil {
			t.Error("the client has recovered by itself")
		}
	}
	if errs := produceAll(context.Background(), newKgo(t, cluster), aTopic, 1)(); errs[0] != nil {
		t.Errorf("another client: %v", errs[0])
	}
}

// dispatcher.end: a client that is closed calls every promise, with an error
// that says that it was closed.
func TestClosedClientGivesAllBack(t *testing.T) {
	cluster := newCluster(t)
	addr := cluster.ListenAddrs()[0]
	cluster.Close()
	client, err := kgo.NewClient(append(quick(), kgo.SeedBrokers(addr))...)
	if err != nil {
		t.Fatal(err)
	}
	wait := produceAll(context.Background(), client, aTopic, 5000)
	client.Close()
	if n := countErrors(wait(), func(err error) bool { return errors.Is(err, kgo.ErrClientClosed) }); n != 5000 {
		t.Errorf("%d of 5000 records came back", n)
	}
}

// verdict: an error for one record fails all that the client has for the
// partition.
func TestErrorFailsThePartition(t *testing.T) {
	cluster := newCluster(t)
	client := newKgo(t, cluster, kgo.ProducerLinger(time.Minute))
	if errs := produceAndFlush(t, client); countErrors(errs, failed) > 0 {
		t.Fatal(errs) // from now on the client knows the topic
	}
	cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.MessageTooLarge, Count: 1})
	wait := produceAll(context.Background(), client, aTopic, 20)
	if err := client.Flush(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if n := countErrors(wait(), failed); n != 20 {
		t.Errorf("%d of 20 records failed", n)
	}
}

// producer.kick: the client keeps what it was given while it lingers, and a
// flush whose context has ended sends it without waiting for it.
func TestEndedFlushSends(t *testing.T) {
	cluster := newCluster(t)
	client := newKgo(t, cluster, kgo.ProducerLinger(time.Minute))
	if errs := produceAndFlush(t, client); countErrors(errs, failed) > 0 {
		t.Fatal(errs) // from now on the client knows the topic
	}
	produced := cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Observe: true, Count: -1})
	wait := produceAll(context.Background(), client, aTopic, 20)
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	if err := produced.Wait(ctx, 1); err == nil {
		t.Error("the client has sent without being told to")
	}
	if err := client.Flush(closed(context.Background())); !errors.Is(err, context.Canceled) {
		t.Errorf("Flush: %v", err)
	}
	if errs := wait(); countErrors(errs, failed) > 0 {
		t.Error(errs)
	}
	if n := produced.Hits(); n != 1 {
		t.Errorf("%d requests, want one for all records", n)
	}
}

func produceAndFlush(t *testing.T, client *kgo.Client) []error {
	t.Helper()
	wait := produceAll(context.Background(), client, aTopic, 1)
	if err := client.Flush(testContext(t)); err != nil {
		t.Fatal(err)
	}
	return wait()
}

// dispatcher.answer: of a topic that is missing only the promises know.
func TestFlushIsSilentAboutMissingTopics(t *testing.T) {
	client := newKgo(t, newCluster(t))
	wait := produceAll(context.Background(), client, "missing", 1)
	if err := client.Flush(testContext(t)); err != nil {
		t.Errorf("Flush: %v", err)
	}
	if errs := wait(); !errors.Is(errs[0], kerr.UnknownTopicOrPartition) {
		t.Errorf("the promise: %v", errs[0])
	}
}

// producer.forget: a topic that was made anew is not found until the client has
// forgotten the old one.
func TestRecreatedTopicHasToBeForgotten(t *testing.T) {
	cluster := newCluster(t)
	client := newKgo(t, cluster)
	if errs := produceAll(context.Background(), client, aTopic, 1)(); errs[0] != nil {
		t.Fatal(errs[0])
	}
	if err := errors.Join(cluster.DeleteTopic(aTopic), cluster.CreateTopic(aTopic, 1, nil)); err != nil {
		t.Fatal(err)
	}
	if errs := produceAll(context.Background(), client, aTopic, 1)(); errs[0] == nil {
		t.Error("the client has found the new topic by itself")
	}
	client.PurgeTopicsFromProducing(aTopic)
	if errs := produceAll(context.Background(), client, aTopic, 1)(); errs[0] != nil {
		t.Errorf("after it was forgotten: %v", errs[0])
	}
}

// producer.produce: the end of one record's context fails others'.
func TestEndedContextFailsOthers(t *testing.T) {
	cluster := newCluster(t)
	client := newKgo(t, cluster)
	if errs := produceAll(context.Background(), client, aTopic, 1)(); errs[0] != nil {
		t.Fatal(errs[0])
	}
	cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.NotLeaderForPartition, Count: -1})
	ctx, cancel := context.WithCancel(context.Background())
	first := produceAll(ctx, client, aTopic, 1)
	others := produceAll(context.Background(), client, aTopic, 20)
	cancel()
	if errs := first(); !errors.Is(errs[0], context.Canceled) {
		t.Errorf("the record itself: %v", errs[0])
	}
	if n := countErrors(others(), failed); n != 20 {
		t.Errorf("%d of 20 other records failed", n)
	}
}
