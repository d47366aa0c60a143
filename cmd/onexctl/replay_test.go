package main

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/omninode-ai/onexevents/envelope"
	onex "github.com/omninode-ai/onexevents/runtime"
)

// asCommand makes the test binary onexctl.
const asCommand = "ONEXCTL_TEST_MAIN"

// replayAll returns a process that replays all dead letters of a namespace.
func replayAll(broker, namespace string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], "dlq", "replay", "-namespace", namespace, "-all")
	cmd.Env = append(os.Environ(), asCommand+"=1", servers+"="+broker)
	return cmd
}

// writeLetters writes n dead letters, of which every tenth is there twice.
func writeLetters(t *testing.T, broker, namespace string, n int) {
	t.Helper()
	sizes := sizesOf(namespace)
	client, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(broker, ",")...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	var records []*kgo.Record
	for i := range n {
		env, err := envelope.Wrap(uuid.New(), envelope.MetricRecorded{NodeID: "n1", NodeType: "effect", RecordedAt: time.Now(), MetricName: "m", MetricValue: float64(i)}, "effect", "stamping")
		if err != nil {
			t.Fatal(err)
		}
		key := fmt.Sprint("k", i%7)
		env.PartitionKey = &key
		data, err := env.AppendJSON(nil)
		if err != nil {
			t.Fatal(err)
		}
		letter, err := envelope.DeadLetter{OriginalTopic: sizes, OriginalKey: key, OriginalData: data, FailureReason: "too large", FailureTimestamp: time.Now()}.AppendJSON(nil)
		if err != nil {
			t.Fatal(err)
		}
		for range 1 + (i%10)/9 {
			records = append(records, &kgo.Record{
				Topic: sizes + ".dlq", Key: []byte(key), Value: letter,
				Headers: []kgo.RecordHeader{
					{Key: onex.HeaderOriginalTopic, Value: []byte(sizes)},
					{Key: onex.HeaderEventID, Value: []byte(env.EventID.String())},
					{Key: "traceparent", Value: []byte(fmt.Sprint(i))},
				},
			})
		}
	}
	if err := client.ProduceSync(testContext(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

// checkReplayed reports what did not arrive once, in the order of each key.
func checkReplayed(t *testing.T, broker, namespace string, n int) {
	t.Helper()
	records, err := committed(broker, sizesOf(namespace))
	if err != nil {
		t.Fatal(err)
	}
	if len(records) != n {
		t.Errorf("%d events arrived, want %d", len(records), n)
	}
	seen := map[uuid.UUID]int{}
	last := map[string]float64{}
	for _, r := range records {
		env, err := envelope.Decode(r.Value)
		if err != nil {
			t.Fatal(err)
		}
		payload, err := env.DecodePayload()
		if err != nil {
			t.Fatal(err)
		}
		value := payload.(envelope.MetricRecorded).MetricValue
		if len(r.Headers) != 1 || r.Headers[0].Key != "traceparent" || string(r.Headers[0].Value) != fmt.Sprint(value) {
			t.Errorf("event %v has headers %v", value, r.Headers)
		}
		if before, ok := last[string(r.Key)]; ok && value <= before {
			t.Errorf("key %s: %v behind %v", r.Key, value, before)
		}
		last[string(r.Key)] = value
		if seen[env.EventID]++; seen[env.EventID] > 1 {
			t.Errorf("event %s arrived %d times", env.EventID, seen[env.EventID])
		}
	}
}

func startCluster(t *testing.T) (*kfake.Cluster, string) {
	t.Helper()
	cluster, err := newCluster(kfake.SeedTopics(3, sizesOf("dev")), kfake.SeedTopics(1, sizesOf("dev")+".dlq"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	return cluster, cluster.ListenAddrs()[0]
}

// A replay is killed when it sends its first request, the next one when it sends
// its second, and so on, until one gets to its end: each event arrives once.
func TestReplayKilled(t *testing.T) {
	const events = 700
	cluster, broker := startCluster(t)
	writeLetters(t, broker, "dev", events)
	var left atomic.Int64
	var drop atomic.Bool
	kill := make(chan struct{}, 1)
	cluster.Control(func(req kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		if left.Add(-1) == 0 {
			kill <- struct{}{}
			// It is not answered while the process lives; whether it is carried
			// out, the process did not learn.
			cluster.SleepControl(func() { kill <- struct{}{} })
			return nil, errors.New("the connection is gone"), drop.Load()
		}
		return nil, nil, false
	})
	killed := 0
	for requests := int64(1); ; requests++ {
		left.Store(requests)
		drop.Store(requests%2 == 0)
		cmd := replayAll(broker, "dev")
		var out strings.Builder
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		select {
		case err := <-ended:
			if err != nil {
				t.Fatalf("%v: %s", err, out.String())
			}
			left.Store(0)
			t.Logf("killed %d times; at last: %s", killed, out.String())
			checkReplayed(t, broker, "dev", events)
			return
		case <-kill:
			killed++
			_ = cmd.Process.Kill()
			<-ended
			<-kill
		}
	}
}

// No more events are replayed in a second than -rate allows.
func TestReplayRate(t *testing.T) {
	const events = 30
	_, broker := startCluster(t)
	writeLetters(t, broker, "dev", events)
	begun := time.Now()
	cmd := replayAll(broker, "dev")
	cmd.Args = append(cmd.Args, "-rate", "20")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if took := time.Since(begun); took < time.Second {
		t.Errorf("30 events, 20 a second, took %v", took)
	}
	checkReplayed(t, broker, "dev", events)
}

// Of two replays at once one stops, or there is nothing left for it; each event
// arrives once.
func TestReplayTwiceAtOnce(t *testing.T) {
	for range 5 {
		_, broker := startCluster(t)
		replayTwiceAtOnce(t, broker, "dev")
	}
}

func replayTwiceAtOnce(t *testing.T, broker, namespace string) {
	t.Helper()
	const events = 500
	writeLetters(t, broker, namespace, events)
	first, second := replayAll(broker, namespace), replayAll(broker, namespace)
	for _, cmd := range []*exec.Cmd{first, second} {
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
	}
	_, _ = first.Wait(), second.Wait() // either may be stopped by the other
	if out, err := replayAll(broker, namespace).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	checkReplayed(t, broker, namespace, events)
}

// A replayed event goes to the partition that its publisher would choose.
func TestReplayPartition(t *testing.T) {
	const events = 50
	_, broker := startCluster(t)
	writeLetters(t, broker, "dev", events)
	cmd := replayAll(broker, "dev")
	cmd.Env = append(cmd.Env, "KAFKA_PARTITIONING_STRATEGY=balanced")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	checkReplayed(t, broker, "dev", events)
	records, err := committed(broker, sizesOf("dev"))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		sum := sha256.Sum256(r.Key)
		if want := int32(binary.BigEndian.Uint32(sum[:4]) % 3); r.Partition != want {
			t.Errorf("key %s is in partition %d, want %d", r.Key, r.Partition, want)
		}
	}
}
