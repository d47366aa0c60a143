package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// asBroker, if set, makes this program a broker and nothing else, so that what
// it takes is not counted as its clients'.
const asBroker = "PUBLISHBENCH_BROKER"

func TestMain(m *testing.M) {
	if os.Getenv(asBroker) != "" {
		beBroker()
		return
	}
	os.Exit(m.Run())
}

func beBroker() {
	cluster, err := kfake.NewCluster(kfake.Ports(0), kfake.NumBrokers(1))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer cluster.Close()
	fmt.Println(cluster.ListenAddrs()[0])
	_, _ = io.Copy(io.Discard, os.Stdin) // until whoever has started it ends
}

// brokersOf returns the brokers at KAFKA_BOOTSTRAP_SERVERS, or else starts one.
func brokersOf(t testing.TB) []string {
	t.Helper()
	if servers := os.Getenv("KAFKA_BOOTSTRAP_SERVERS"); servers != "" {
		return strings.Split(servers, ",")
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), asBroker+"=1")
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	})
	addr, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return []string{strings.TrimSpace(addr)}
}

// kafkaAdmin makes topics and empties them.
type kafkaAdmin struct {
	t       testing.TB
	brokers []string
	client  *kgo.Client
	adm     *kadm.Client
}

func newAdmin(t testing.TB) *kafkaAdmin {
	t.Helper()
	k := &kafkaAdmin{t: t, brokers: brokersOf(t)}
	client, err := kgo.NewClient(kgo.SeedBrokers(k.brokers...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	k.client, k.adm = client, kadm.NewClient(client)
	return k
}

// start makes the peer's topic, with three partitions, and starts its client.
func (k *kafkaAdmin) start(p peer) sender {
	k.t.Helper()
	ctx, topic := context.Background(), topicOf(p.name)
	if _, err := k.adm.CreateTopic(ctx, 3, -1, nil, topic); err != nil {
		k.t.Fatal(err)
	}
	k.await(topic)
	s, err := p.start(k.brokers, topic)
	if err != nil {
		k.t.Fatal(err)
	}
	k.t.Cleanup(func() {
		if err := s.close(); err != nil {
			k.t.Error(err)
		}
		if _, err := k.adm.DeleteTopics(ctx, topic); err != nil {
			k.t.Error(err)
		}
	})
	return s
}

// await returns when the leaders know the topic, which not every client waits
// for.
func (k *kafkaAdmin) await(topic string) {
	k.t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		offsets, err := k.adm.ListEndOffsets(context.Background(), topic)
		if err == nil && offsets.Error() == nil && len(offsets[topic]) == 3 {
			return
		}
		if time.Now().After(end) {
			k.t.Fatalf("the topic %s does not come: %v, %v", topic, err, offsets.Error())
		}
	}
}

// written returns how many records a peer's topic has, and forgets them.
func (k *kafkaAdmin) written(p peer) (n int64) {
	k.t.Helper()
	ctx, topic := context.Background(), topicOf(p.name)
	start, err := k.adm.ListStartOffsets(ctx, topic)
	if err != nil {
		k.t.Fatal(err)
	}
	end, err := k.adm.ListEndOffsets(ctx, topic)
	if err != nil {
		k.t.Fatal(err)
	}
	end.Each(func(o kadm.ListedOffset) {
		first, _ := start.Lookup(topic, o.Partition)
		n += o.Offset - first.Offset
	})
	if _, err := k.adm.DeleteRecords(ctx, end.Offsets()); err != nil {
		k.t.Fatal(err)
	}
	return n
}

// What is compared works: the events of each peer are in Kafka when it says so.
func TestPeers(t *testing.T) {
	k := newAdmin(t)
	for _, p := range append([]peer{ours}, peers...) {
		t.Run(p.name, func(t *testing.T) {
			k := &kafkaAdmin{t, k.brokers, k.client, k.adm}
			s := k.start(p)
			if err := s.send(someIDs(100)); err != nil {
				t.Fatal(err)
			}
			if n := k.written(p); n != 100 {
				t.Errorf("%d records, want 100", n)
			}
		})
	}
}

// BenchmarkPeers runs each peer and onexevents in turn, and reports how many
// times as many events onexevents delivers in the same time, as x-onexevents:
//
//	go test -run '^$' -bench Peers -benchtime 3x -count 6
func BenchmarkPeers(b *testing.B) {
	k := newAdmin(b)
	us := k.start(ours)
	b.Run(ours.name, func(b *testing.B) { k.compare(b, []peer{ours}, us) })
	for _, p := range peers {
		b.Run(p.name, func(b *testing.B) {
			k := &kafkaAdmin{b, k.brokers, k.client, k.adm}
			k.compare(b, []peer{p, ours}, k.start(p), us)
		})
	}
}

// compare runs the peers in turn, and reports on the first.
func (k *kafkaAdmin) compare(b *testing.B, peers []peer, senders ...sender) {
	b.Helper()
	each := make([][]float64, len(peers)) // seconds an event
	var bytes, events uint64
	var processors time.Duration
	for i, p := range peers { // and their connections are there
		if err := senders[i].send(someIDs(100)); err != nil {
			b.Fatal(err)
		}
		k.written(p)
	}
	for b.Loop() {
		for i, p := range peers {
			ids := someIDs(p.events)
			runtime.GC() // what others leave is not this one's
			allocated := totalAlloc()
			worked, begun := processorTime(), time.Now()
			if err := senders[i].send(ids); err != nil {
				b.Fatal(err)
			}
			each[i] = append(each[i], time.Since(begun).Seconds()/float64(p.events))
			if i == 0 {
				processors += processorTime() - worked
				bytes += totalAlloc() - allocated
				events += uint64(p.events)
			}
			if n := k.written(p); n != int64(p.events) {
				b.Fatalf("%s has written %d events, want %d", p.name, n, p.events)
			}
		}
	}
	b.ReportMetric(1/median(each[0]), "events/s")
	b.ReportMetric(float64(bytes)/float64(events), "B/event")
	b.ReportMetric(float64(processors.Nanoseconds())/float64(events), "cpu-ns/event")
	if len(peers) > 1 {
		b.ReportMetric(median(each[0])/median(each[1]), "x-onexevents")
	}
	b.ReportMetric(0, "ns/op") // says nothing of one event
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// processorTime returns how long processors have worked for this process.
func processorTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func totalAlloc() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

func someIDs(n int) []uuid.UUID {
	ids := make([]uuid.UUID, n)
	for i := range ids {
		ids[i] = uuid.New()
	}
	return ids
}
