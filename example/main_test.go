package main

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// The program does the same on a cluster of the user's that makes no topics by itself,
// and reads only what it has published itself; and so it does with each profile.
func TestOnAnotherCluster(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.Ports(0), kfake.NumBrokers(3), kfake.DefaultNumPartitions(2))
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	brokers := strings.Join(cluster.ListenAddrs(), ",")
	t.Setenv("KAFKA_BOOTSTRAP_SERVERS", brokers)
	for range 2 {
		checkRun(t, "Kafka at "+brokers)
	}
	t.Setenv("DEFAULT_NAMESPACE", "test")
	checkRun(t, "Kafka at "+brokers)
	t.Setenv("ONEX_PROFILE", "2")
	checkRun(t, "Kafka at "+brokers)
	t.Setenv("KAFKA_TOPIC_NAMESPACE", "slot-1")
	checkRun(t, "Kafka at "+brokers)

	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	all, err := kadm.NewClient(client).ListTopics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, topic := range []string{
		"dev.stamping.effect.stamp.started.v1", "test.stamping.effect.stamp.started.v1",
		"onex.evt.stamping.effect-stamp-started.v1", "slot-1.onex.evt.stamping.effect-stamp-started.v1",
	} {
		if !all.Has(topic) {
			t.Errorf("there is no %s among %v", topic, all.Names())
		}
	}
}

// Without a cluster, what is said of how to get to one is of no concern.
func TestEmbedded(t *testing.T) {
	t.Setenv("KAFKA_BOOTSTRAP_SERVERS", "")
	t.Setenv("KAFKA_SECURITY_PROTOCOL", "SASL_SSL")
	t.Setenv("KAFKA_SASL_USERNAME", "publisher")
	t.Setenv("KAFKA_SSL_CA_FILE", "missing.pem")
	checkRun(t, "embedded Kafka at ")
}

// checkRun runs the program, and checks that all of its events came back.
func checkRun(t *testing.T, begins string) {
	t.Helper()
	var out bytes.Buffer
	if err := run(&out); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	if !strings.HasPrefix(out.String(), begins) {
		t.Errorf("it does not begin with %q:\n%s", begins, &out)
	}
	lines := regexp.MustCompile(`(?m)^\d\d:\d\d:\d\d\.\d{6}  .*$`).FindAllString(out.String(), -1)
	if want := "29 accepted = 29 delivered"; len(lines) != 29 || !strings.Contains(out.String(), want) {
		t.Errorf("%d events, want %s\n%s", len(lines), want, &out)
	}
	checkNesting(t, lines)
}

// checkNesting checks on what is printed that the three runs around a digest
// share a correlation, and name each other as their causes.
func checkNesting(t *testing.T, lines []string) {
	t.Helper()
	first := func(eventType string) []string {
		for _, line := range lines {
			if f := strings.Fields(line); f[2] == eventType {
				return f // time, event, type, correlation, cause, …
			}
		}
		t.Fatalf("no %s in\n%s", eventType, strings.Join(lines, "\n"))
		return nil
	}
	outer, middle, inner := first("orchestrator.orchestration.started"), first("effect.stamp.started"), first("compute.digest.started")
	if fmt.Sprint(outer[3], middle[3]) != fmt.Sprint(middle[3], inner[3]) || outer[4] != "-" || middle[4] != outer[1] || inner[4] != middle[1] {
		t.Errorf("nested runs:\n%v\n%v\n%v", outer, middle, inner)
	}
}
