package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	plainauth "github.com/twmb/franz-go/pkg/sasl/plain"
)

// This file is what scripts do with a broker: they start one, and put records
// into it and take them out.

const servers = "KAFKA_BOOTSTRAP_SERVERS"

// startKafka is the command "kafka [topic...]": it starts a broker that lives
// as long as the script, with these topics.
func startKafka(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: kafka [topic...]")
	}
	cluster, err := newCluster(kfake.SeedTopics(1, args...))
	ts.Check(err)
	ts.Defer(cluster.Close)
	ts.Setenv(servers, cluster.ListenAddrs()[0])
}

func newCluster(opts ...kfake.Opt) (*kfake.Cluster, error) {
	return kfake.NewCluster(append([]kfake.Opt{
		kfake.Ports(0), kfake.NumBrokers(1), kfake.AllowAutoTopicCreation(), kfake.DefaultNumPartitions(3),
	}, opts...)...)
}

// produceFile is the command "produce topic key file": it writes each line of
// the file as a record.
func produceFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: produce topic key file")
	}
	opts := []kgo.Opt{kgo.SeedBrokers(ts.Getenv(servers)), kgo.AllowAutoTopicCreation()}
	if ts.Getenv("KAFKA_SASL_MECHANISM") != "" {
		opts = append(opts, kgo.SASL(plainauth.Auth{User: "admin", Pass: "p"}.AsMechanism())) // see startSecured
	}
	client, err := kgo.NewClient(opts...)
	ts.Check(err)
	defer client.Close()
	for line := range strings.Lines(ts.ReadFile(args[2])) {
		record := &kgo.Record{Topic: args[0], Key: []byte(args[1]), Value: []byte(strings.TrimSuffix(line, "\n"))}
		ts.Check(client.ProduceSync(testContext(), record).FirstErr())
	}
}

// consumeInto is the command "consume topic file": it writes the committed
// records of a topic into the file, a line each: the key and the value.
func consumeInto(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: consume topic file")
	}
	var lines bytes.Buffer
	records, err := committed(ts.Getenv(servers), args[0])
	ts.Check(err)
	for _, r := range records {
		fmt.Fprintf(&lines, "%s %s\n", r.Key, r.Value)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), lines.Bytes(), 0o666))
}

// committed returns what a consumer that reads committed has of a topic.
func committed(broker, topic string) ([]*kgo.Record, error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(broker, ",")...), kgo.ConsumeTopics(topic), kgo.FetchMaxWait(50*time.Millisecond),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		return nil, err
	}
	defer client.Close()
	ctx := testContext()
	ends, err := kadm.NewClient(client).ListEndOffsets(ctx, topic)
	if err != nil {
		return nil, err
	}
	left := map[int32]int64{}
	ends.Each(func(o kadm.ListedOffset) {
		if o.Offset > 0 {
			left[o.Partition] = o.Offset
		}
	})
	var records []*kgo.Record
	for len(left) > 0 {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return records, err
		}
		for r := range fetches.RecordsAll() {
			if !r.Attrs.IsControl() {
				records = append(records, r)
			}
			if r.Offset+1 >= left[r.Partition] {
				delete(left, r.Partition)
			}
		}
	}
	return records, nil
}

// await is the command "await file regexp": it waits until the file, which a
// command in the background writes, has it.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: await file regexp")
	}
	re, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	var content []byte
	ctx := testContext()
	for !re.Match(content) {
		if ctx.Err() != nil {
			ts.Fatalf("%s has no %s:\n%s", args[0], args[1], content)
		}
		time.Sleep(10 * time.Millisecond) // between two looks
		content, err = os.ReadFile(ts.MkAbs(args[0]))
		if !os.IsNotExist(err) {
			ts.Check(err)
		}
	}
}

// testContext ends a test that would wait for ever.
func testContext() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	_ = cancel // the process ends before
	return ctx
}
