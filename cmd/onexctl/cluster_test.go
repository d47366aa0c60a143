//go:build kafka

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	onex "github.com/omninode-ai/onexevents/runtime"
	kafkacluster "github.com/omninode-ai/onexevents/testdata/kafka"
)

// This file shows the commands with Apache Kafka itself. Each test has a
// namespace of its own, as a cluster may be used by many.

func init() { runTests = kafkacluster.Main }

// newNamespace returns a namespace on a cluster, and a broker's address.
func newNamespace(t *testing.T, topics ...string) (broker, namespace string) {
	t.Helper()
	broker = kafkacluster.Shared(t, 1).Addresses(kafkacluster.Plaintext)[0]
	namespace = fmt.Sprintf("ctl-%x", rand.Uint64())
	client, err := kgo.NewClient(kgo.SeedBrokers(broker))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for i, topic := range topics {
		topics[i] = namespace + topic
	}
	if _, err := kadm.NewClient(client).CreateTopics(testContext(), 3, -1, nil, topics...); err != nil {
		t.Fatal(err)
	}
	return broker, namespace
}

// onexctl runs a command, which has to exit with code.
func onexctl(t *testing.T, broker string, code int, args ...string) string {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), asCommand+"=1", servers+"="+broker, "TZ=UTC", "KAFKA_COMPRESSION_TYPE=none")
	out, err := cmd.CombinedOutput()
	if got := cmd.ProcessState.ExitCode(); got != code {
		t.Fatalf("onexctl %s: %v:\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func match(t *testing.T, text, pattern string) {
	t.Helper()
	if !regexp.MustCompile("(?m)" + pattern).MatchString(text) {
		t.Errorf("no %s in\n%s", pattern, text)
	}
}

// A user who may see no topic is not told that there is nothing in them.
func TestClusterWithoutRights(t *testing.T) {
	cluster := kafkacluster.Shared(t, 1)
	broker, namespace := newNamespace(t, sizesOf(""), sizesOf("")+".dlq")
	writeLetters(t, broker, namespace, 5)
	for _, args := range [][]string{{"dlq", "list"}, {"dlq", "replay", "-all"}, {"tail", "-until-end"}} {
		env := as(cluster, "SCRAM-SHA-512", kafkacluster.Guest, kafkacluster.Password(kafkacluster.Guest))
		code, out := onCluster(t, env, append(args, "-namespace", namespace)...)
		if code != 2 {
			t.Errorf("onexctl %q exits with %d", args, code)
		}
		match(t, out, "^onexctl .*: no topic was read: .*the user may see.* begins with "+namespace+".*; correct .*, or allow the user to DESCRIBE and READ more$")
	}
}

// Events that were too large for their topic are replayed when they fit.
func TestClusterReplay(t *testing.T) {
	broker, namespace := newNamespace(t, sizesOf("")+".dlq")
	if err := deadLetters(broker, namespace, 20); err != nil {
		t.Fatal(err)
	}
	match(t, onexctl(t, broker, 1, "dlq", "list", "-namespace", namespace), "^20 dead letters; 0 replayed; 1 topic read$")
	out := onexctl(t, broker, 1, "dlq", "replay", "-namespace", namespace, "-all")
	match(t, out, "is refused again: .*MESSAGE_TOO_LARGE")
	match(t, out, "^0 events replayed; 0 replayed before, 20 refused again, 0 cannot be, 0 left; 1 topic read$")
	if err := limitTopic(broker, sizesOf(namespace), "100000"); err != nil {
		t.Fatal(err)
	}
	match(t, onexctl(t, broker, 0, "dlq", "replay", "-namespace", namespace, "-all"), "^20 events replayed; 0 replayed before")
	match(t, onexctl(t, broker, 0, "dlq", "replay", "-namespace", namespace, "-all"), "^0 events replayed; 20 replayed before")
	match(t, onexctl(t, broker, 0, "dlq", "list", "-namespace", namespace), "^0 dead letters; 20 replayed; 1 topic read$")
	records, err := committed(broker, sizesOf(namespace))
	if err != nil || len(records) != 40 {
		t.Errorf("%d events arrived, %v", len(records), err)
	}
}

// A replay is killed again and again, at any moment: each event arrives once.
func TestClusterReplayKilled(t *testing.T) {
	const events = 3000
	broker, namespace := newNamespace(t, sizesOf(""), sizesOf("")+".dlq")
	writeLetters(t, broker, namespace, events)
	killed := 0
	for patience := 50 * time.Millisecond; ; patience += 10 * time.Millisecond {
		cmd := replayAll(broker, namespace)
		var out strings.Builder
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		killing := time.AfterFunc(rand.N(2*patience), func() { _ = cmd.Process.Kill() })
		err := cmd.Wait()
		killing.Stop()
		switch {
		case err == nil:
			t.Logf("killed %d times; at last: %s", killed, out.String())
			checkReplayed(t, broker, namespace, events)
			return
		case cmd.ProcessState.ExitCode() != -1:
			t.Fatalf("%v: %s", err, out.String())
		}
		killed++
	}
}

func TestClusterReplayTwiceAtOnce(t *testing.T) {
	for range 5 {
		broker, namespace := newNamespace(t, sizesOf(""), sizesOf("")+".dlq")
		replayTwiceAtOnce(t, broker, namespace)
	}
}

// The events of one correlation are followed over topics that do not exist yet.
func TestClusterTail(t *testing.T) {
	broker, namespace := newNamespace(t)
	cmd := exec.Command(os.Args[0], "tail", "-namespace", namespace, "-correlation", "550e8400")
	cmd.Env = append(os.Environ(), asCommand+"=1", servers+"="+broker, "TZ=UTC")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	said, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := said.Read(make([]byte, 1)); err != nil { // that there is no topic yet
		t.Fatal(err)
	}
	publishStoryTo(t, broker, namespace)
	var text strings.Builder
	for b := make([]byte, 4096); strings.Count(text.String(), "550e8400") < 8; {
		n, err := out.Read(b)
		if err != nil {
			t.Fatalf("%v:\n%s", err, text.String())
		}
		text.Write(b[:n])
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	for b := make([]byte, 4096); ; {
		n, err := out.Read(b)
		text.Write(b[:n])
		if err != nil {
			break
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	match(t, text.String(), "^correlation 550e8400-e29b-41d4-a716-446655440000: 8 events in [0-9.]+ ms$")
	match(t, text.String(), "^   │  └─ effect.metric.recorded stamper-1")
}

// publishStoryTo publishes the story in topics that it makes before.
func publishStoryTo(t *testing.T, broker, namespace string) {
	t.Helper()
	cfg := storyConfig()
	cfg.Namespace = namespace
	pub, err := onex.NewPublisher(cfg, kgo.SeedBrokers(broker))
	if err != nil {
		t.Fatal(err)
	}
	if err := tellStory(pub); err != nil {
		t.Fatal(err)
	}
	if _, err := onex.EnsureTopics(testContext(), pub.Topics(), onex.TopicSettings{}, kgo.SeedBrokers(broker)); err != nil {
		t.Fatal(err)
	}
	if err := pub.Close(testContext()); err != nil {
		t.Fatal(err)
	}
}

var failures = flag.Bool("failures", false, "run the test that kills the nodes of a cluster")

// The nodes of a cluster of three are killed, one after the other, while dead
// letters are replayed: each event arrives once, in the order of its key.
func TestClusterReplayNodesKilled(t *testing.T) {
	if !*failures {
		t.Skip("kills nodes, which takes minutes; run with -failures")
	}
	const events = 6000
	cluster := kafkacluster.Shared(t, 3)
	addresses := strings.Join(cluster.Addresses(kafkacluster.Plaintext), ",")
	namespace := fmt.Sprintf("ctl-%x", rand.Uint64())
	sizes := sizesOf(namespace)
	onexctl(t, addresses, 0, "topics", "apply", "-replication-factor", "3", "-topic", sizes)
	writeLetters(t, addresses, namespace, events)

	var done atomic.Bool
	var kills atomic.Int64
	nodes := make(chan error, 1)
	go func() {
		for node := 1; !done.Load(); node = node%3 + 1 {
			err := errors.Join(cluster.Kill(node), cluster.Start(node), inSync(t.Context(), cluster, sizes), advanced(t.Context(), cluster, sizes, done.Load))
			if err != nil {
				nodes <- err
				return
			}
			kills.Add(1)
		}
		nodes <- nil
	}()
	runs := 0
	for out, code := "", -1; code != 0; runs++ {
		cmd := replayAll(addresses, namespace)
		text, err := cmd.CombinedOutput()
		out, code = string(text), cmd.ProcessState.ExitCode()
		t.Logf("%v: %s", err, out)
	}
	done.Store(true)
	if err := <-nodes; err != nil {
		t.Fatal(err)
	}
	t.Logf("replayed in %d runs, with %d nodes killed and back", runs, kills.Load())
	checkReplayed(t, addresses, namespace, events)
}

// inSync waits until all replicas of a topic are.
func inSync(ctx context.Context, cluster *kafkacluster.Cluster, topic string) error {
	client, err := kgo.NewClient(cluster.Seeds(kafkacluster.Plaintext))
	if err != nil {
		return err
	}
	defer client.Close()
	for ctx.Err() == nil {
		topics, err := kadm.NewClient(client).ListTopics(ctx, topic)
		replicas := 0
		for _, p := range topics[topic].Partitions {
			replicas += len(p.ISR)
		}
		if err == nil && replicas == 3*cluster.Nodes() {
			return nil
		}
	}
	return ctx.Err()
}

// advanced waits until a topic has some hundreds of records more, or it is over.
func advanced(ctx context.Context, cluster *kafkacluster.Cluster, topic string, over func() bool) error {
	client, err := kgo.NewClient(cluster.Seeds(kafkacluster.Plaintext))
	if err != nil {
		return err
	}
	defer client.Close()
	for goal := int64(-1); ctx.Err() == nil && !over(); {
		ends, err := kadm.NewClient(client).ListEndOffsets(ctx, topic)
		if err != nil {
			continue
		}
		var sum int64
		ends.Each(func(o kadm.ListedOffset) { sum += o.Offset })
		if goal < 0 {
			goal = sum + 500
		}
		if sum >= goal {
			return nil
		}
	}
	return ctx.Err()
}
