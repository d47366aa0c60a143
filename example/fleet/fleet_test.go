package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/envelope"
	onex "github.com/omninode-ai/onexevents/runtime"
)

// launched runs the program and returns its report.
func launched(t *testing.T, ctx context.Context, wantCode int, args ...string) (r report, errText string) {
	t.Helper()
	var out, errOut bytes.Buffer
	if code := run(ctx, append(args, "-json"), &out, &errOut); code != wantCode {
		t.Fatalf("exit code %d, want %d\n%s", code, wantCode, &errOut)
	}
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatalf("%v in %s", err, &out)
	}
	return r, errOut.String()
}

// brokers starts a cluster that the program finds by its environment.
func brokers(t *testing.T, opts ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	cluster, err := kfake.NewCluster(append(opts, kfake.Ports(0), kfake.NumBrokers(1))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	t.Setenv("KAFKA_BOOTSTRAP_SERVERS", strings.Join(cluster.ListenAddrs(), ","))
	return cluster
}

// However a fleet is made up, every event is delivered, and all figures say the
// same.
func TestFleet(t *testing.T) {
	for args, topics := range map[string]int{
		"":                            5 * 11,
		"-operations 5":               5 * 17,
		"-topics service":             5,
		"-topics one":                 1,
		"-topics one -warm-up=false":  1,
		"-rate 0":                     5 * 11,
		"-publishers 3 -topics one":   1,
		"-hooks=false":                5 * 11,
		"-spool":                      5 * 11,
		"-nodes 3 -services 1":        11,
		"-create-topics -topics one":  1,
		"-mix run=0,metric=0,state=1": 5 * 11,
	} {
		t.Run(args, func(t *testing.T) {
			fields := strings.Fields(args)
			if args == "-spool" {
				fields = append(fields, t.TempDir())
			}
			r, _ := launched(t, t.Context(), 0, append(fields, "-for", "100ms")...)
			l := r.Ledger
			all := r.WarmUp.Events + r.Publish.Count
			if l != (onex.Ledger{Accepted: all, Delivered: all}) || r.Publish.Count == 0 || !strings.Contains(args, "-warm-up=false") && int(r.WarmUp.Events) < topics {
				t.Errorf("%d events were published, and the ledger is %+v", r.Publish.Count, l)
			}
			if r.Topics != topics || r.Ended || len(r.Causes)+len(r.TopicCauses)+len(r.Losses) > 0 || r.Kafka != "embedded" {
				t.Errorf("report %+v", r)
			}
			if r.Memory.HeapPeak == 0 || r.AcceptedPerSecond <= 0 || r.DeliveredPerSecond <= 0 || r.Publish.P50 > r.Publish.Max {
				t.Errorf("report %+v", r)
			}
			if args == "-hooks=false" {
				if r.Delivery != nil || r.Traffic != nil {
					t.Errorf("without hooks there is traffic: %+v", r)
				}
				return
			}
			if r.Delivery.Count != r.Publish.Count || r.Traffic.Batches < r.Traffic.ProduceRequests || r.Traffic.Connections == 0 {
				t.Errorf("delivery %+v, traffic %+v", r.Delivery, r.Traffic)
			}
		})
	}
}

// However busy the machine is, there are never more events than the rate allows
// by then.
func TestRate(t *testing.T) {
	r, _ := launched(t, t.Context(), 0, "-rate", "500", "-for", "300ms", "-workers", "4", "-mix", "nested=0")
	if most := 500*r.Seconds + 4*2; r.Publish.Count == 0 || float64(r.Publish.Count) > most {
		t.Errorf("%d events in %g s, want at most %g", r.Publish.Count, r.Seconds, most)
	}
}

// What is published is as the contract has it, and of all the kinds that the mix
// has.
func TestEvents(t *testing.T) {
	brokers(t, kfake.AllowAutoTopicCreation())
	r, _ := launched(t, t.Context(), 0, "-topics", "one", "-rate", "0", "-for", "200ms", "-mix", "failed=0.3,nested=0.5,metadata=0.5")
	got := map[string]int64{}
	for _, value := range readBack(t, "fleet.events.v1", r.Ledger.Delivered) {
		env, err := envelope.Decode(value)
		if err != nil {
			t.Fatalf("%v in %s", err, value)
		}
		payload, err := env.DecodePayload()
		if err != nil {
			t.Fatalf("%v in %s", err, value)
		}
		got[fmt.Sprintf("%T", payload)]++
		if s, ok := payload.(envelope.OperationStarted); ok && env.CausationID != nil && len(s.InputSummary) > 0 {
			got["nested"]++
		}
		if m, ok := payload.(envelope.MetricRecorded); ok && m.Metadata != nil {
			got["with metadata"]++
		}
		if bytes.Contains(value, []byte("pa55word")) {
			t.Errorf("a secret has left the process: %s", value)
		}
	}
	for _, what := range []string{"envelope.OperationFailed", "envelope.StateChanged", "envelope.MetricRecorded", "nested", "with metadata"} {
		if got[what] == 0 {
			t.Errorf("nothing is %s: %v", what, got)
		}
	}
	if got["envelope.OperationStarted"] != got["envelope.OperationCompleted"]+got["envelope.OperationFailed"] {
		t.Errorf("runs have not ended: %v", got)
	}
}

func readBack(t *testing.T, topic string, n int64) (values [][]byte) {
	t.Helper()
	_, opts, err := onex.ConfigFromEnv()
	if err != nil {
		t.Fatal(err)
	}
	client, err := kgo.NewClient(append(opts, kgo.ConsumeTopics(topic))...)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for int64(len(values)) < n {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatal(err)
		}
		fetches.EachRecord(func(r *kgo.Record) { values = append(values, r.Value) })
	}
	return values
}

// Ctrl-C ends the program early, with a report of what was until then.
func TestEndedEarly(t *testing.T) {
	cluster := brokers(t, kfake.AllowAutoTopicCreation())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for cluster.TopicInfo("fleet.events.v1") == nil && ctx.Err() == nil {
			wait(ctx, time.Millisecond)
		}
		cancel()
	}()
	r, _ := launched(t, ctx, 0, "-for", "1h", "-topics", "one")
	if !r.Ended || r.Ledger.Delivered == 0 || r.Ledger.Delivered != r.Ledger.Accepted {
		t.Errorf("report %+v", r)
	}
}

// Without its topics a fleet delivers nothing and says so; it makes them if it is
// told to, with as many partitions as it is told.
func TestTopicsMissing(t *testing.T) {
	cluster := brokers(t)
	args := []string{"-nodes", "1", "-services", "1", "-warm-up=false", "-for", "100ms"}
	r, errText := launched(t, t.Context(), 1, append(args, "-patience", "100ms")...)
	if r.Ledger.Delivered > 0 || r.Ledger.Accepted == 0 || r.Losses[onex.LossClosed] != r.Ledger.InFlight {
		t.Errorf("report %+v", r)
	}
	if !strings.Contains(errText, "not every event was delivered") {
		t.Errorf("it says %s", errText)
	}
	r, _ = launched(t, t.Context(), 0, append(args, "-create-topics", "-partitions", "7")...)
	if info := cluster.PartitionInfos("fleet.service-0000.effect.metric.recorded.v1"); len(info) != 7 || r.Ledger.Delivered == 0 {
		t.Errorf("%d partitions, report %+v", len(info), r)
	}
}

// What is wrong with the flags is said, all of it, before anything is started.
func TestFlagsRefused(t *testing.T) {
	for args, want := range map[string]string{
		"-nodes 0":                      "-nodes is 0; there has to be one at least",
		"-nodes 3 -services 4":          "4 services need as many nodes, and there are 3; raise -nodes or lower -services",
		"-nodes 5 -publishers 6":        "6 publishers need as many nodes",
		"-rate -1 -for 0s":              "-rate is -1; it is a number of events, or 0 for as many as are delivered\n-for is 0s; it has to be longer",
		"-topics all":                   `-topics is "all"; it is type, service or one`,
		"-mix failed=2":                 `failed is "2"; it is a number from 0 to 1`,
		"-mix failed=NaN":               `failed is "NaN"`,
		"-mix faild=1":                  `there is no "faild"; a mix has run, state, metric, failed, nested and metadata`,
		"-mix run=0,state=0,metric=0":   "nothing would be published; leave one of run, state and metric above 0",
		"-replication 40000":            "-replication is 40000; it is a number of brokers",
		"-patience -1s":                 "-patience is -1s; it is a time, or 0 for none",
		"-row heap,heat":                `-row has "heat"; there is CPU/event, RSS, accepted/s`,
		"more":                          `"more" is no flag`,
		"-namespace a/b -for 1ms":       `"a/b" cannot begin a topic`,
		"-spool main.go/there -for 1ms": "main.go",
	} {
		var out, errOut bytes.Buffer
		code := run(t.Context(), strings.Fields(args), &out, &errOut)
		if code == 0 || !strings.Contains(errOut.String(), want) || out.Len() > 0 {
			t.Errorf("%s: exit code %d, %s\nwant %s", args, code, &errOut, want)
		}
	}
}

// The report for people has all figures.
func TestPrint(t *testing.T) {
	r := report{
		Kafka: "embedded", Nodes: 2, Services: 1, Topics: 11, Publishers: 1, Partitions: 3, CreateSeconds: 0.7, Rate: 100, Mix: "run=1", Ended: true,
		WarmUp: warmUp{50, 0.5, 0.04}, Seconds: 1.5, Drained: 0.25, AcceptedPerSecond: 100, DeliveredPerSecond: 90,
		Publish:  percentiles{Count: 150, Mean: 3, P50: 2, P95: 4, P99: 8, P999: 1500, Max: 2000.04},
		Delivery: &percentiles{P50: 1000, Max: 1_234_567},
		Traffic:  &traffic{Connections: 3, ProduceRequests: 10, Batches: 20, RecordsPerBatch: 7.5, RecordsPerRequest: 15, Metadata: 4, MetadataBytes: 2048, SentBytes: 3 << 20},
		Memory:   memory{Nodes: 4096, HeapPeak: 5 << 30, RSSPeak: 6 << 20}, CPU: 0.3,
		Ledger: onex.Ledger{Accepted: 150, Delivered: 149, Lost: 1}, Losses: map[onex.LossReason]int64{onex.LossClosed: 1},
		Causes: map[onex.Cause]int{onex.CauseRefused: 1}, TopicCauses: map[onex.Cause]int{onex.CauseTopicMissing: 2},
	}
	var out bytes.Buffer
	r.print(&out)
	want := `fleet       2 nodes of 1 services, 11 topics, 1 publishers; Kafka: embedded
published   1.5 s at 100/s, ended early; mix run=1
topics      made with 3 partitions each in 0.7 s
warm-up     50 events in 0.5 s, 0.04 s of CPU
throughput  100 accepted/s, 90 delivered/s; the last ones 0.25 s after the end
publish     mean 3 µs, p50 2 µs, p95 4 µs, p99 8 µs, p99.9 1.5 ms, max 2 ms
delivery    mean 0 µs, p50 1 ms, p95 0 µs, p99 0 µs, p99.9 0 µs, max 1.23 s
ledger      150 accepted = 149 delivered + 0 dead-lettered + 0 spooled + 0 in flight + 1 lost; 0 rejected
health      not up: map[refused:1]; topics that suffer: map[topic_missing:2]; losses: map[closed:1]
memory      4.0 KiB for the nodes (2.0 KiB each), heap up to 5.0 GiB, process up to 6.0 MiB
CPU         0.30 s, 3.03 ms per delivered event
traffic     3 connections, 10 produce requests of 15.0 events in batches of 7.5, 3.0 MiB sent; 4 metadata requests that brought 2.0 KiB
`
	if got := out.String(); got != want {
		t.Errorf("printed\n%s\nwant\n%s", got, want)
	}

	out.Reset()
	r.row(&out, "nodes,rate,CPU/event,delivery p50,per request,heap")
	if got, want := out.String(), "| 2 | 100 | 3.03 ms | 1 ms | 15.0 | 5.0 GiB |\n"; got != want {
		t.Errorf("printed %s, want %s", got, want)
	}
	r.Delivery, r.Traffic = nil, nil
	for name, figure := range columns {
		if figure(&r) == "" {
			t.Errorf("no %s", name)
		}
	}
}
