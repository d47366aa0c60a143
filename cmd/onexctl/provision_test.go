package main

import (
	"errors"
	"os/exec"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// exitsWith is the command "code n command [argument...]": the command has to
// end with that exit code.
func exitsWith(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code n command [argument...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("it exits with %d, want %d", got, want)
	}
}

// createTopic is the command "topic name partitions [setting=value...]": it
// makes a topic as a person may have made it.
func createTopic(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: topic name partitions [setting=value...]")
	}
	partitions, err := strconv.Atoi(args[1])
	ts.Check(err)
	topic := kmsg.NewCreateTopicsRequestTopic()
	topic.Topic, topic.NumPartitions, topic.ReplicationFactor = args[0], int32(partitions), 1
	for _, arg := range args[2:] {
		config := kmsg.NewCreateTopicsRequestTopicConfig()
		name, value, _ := strings.Cut(arg, "=")
		config.Name, config.Value = name, &value
		topic.Configs = append(topic.Configs, config)
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(ts.Getenv(servers)))
	ts.Check(err)
	defer client.Close()
	req := kmsg.NewPtrCreateTopicsRequest()
	req.Topics = append(req.Topics, topic)
	resp, err := req.RequestWith(testContext(), client)
	ts.Check(err)
	if code := resp.Topics[0].ErrorCode; code != 0 {
		ts.Fatalf("error %d", code)
	}
}

// startSecured is the command "secured topic...": it starts a broker with these
// topics, at which the user u with the password right may write to the first of
// them, and may describe the first two.
func startSecured(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: secured topic...")
	}
	may := func(topic string, op kmsg.ACLOperation) kfake.ACL {
		return kfake.ACL{Resource: kmsg.ACLResourceTypeTopic, Name: topic, Pattern: kmsg.ACLResourcePatternTypeLiteral, Operation: op, Allow: true}
	}
	cluster, err := newCluster(kfake.SeedTopics(1, args...), kfake.EnableSASL(), kfake.EnableACLs(), kfake.Superuser("PLAIN", "admin", "p"),
		kfake.User("PLAIN", "u", "right", may(args[0], kmsg.ACLOperationWrite), may(args[0], kmsg.ACLOperationDescribe), may(args[1], kmsg.ACLOperationDescribe)))
	ts.Check(err)
	ts.Defer(cluster.Close)
	ts.Setenv(servers, cluster.ListenAddrs()[0])
}
