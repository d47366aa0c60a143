//go:build kafka

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
	kafkacluster "github.com/omninode-ai/onexevents/testdata/kafka"
)

// onCluster runs onexctl with a way to connect to Kafka itself.
func onCluster(t *testing.T, env map[string]string, args ...string) (code int, out string) {
	t.Helper()
	for _, line := range os.Environ() {
		if name, _, _ := strings.Cut(line, "="); strings.HasPrefix(name, "KAFKA_") {
			t.Setenv(name, "")
		}
	}
	for name, value := range env {
		t.Setenv(name, value)
	}
	var b bytes.Buffer
	code = run(args, terminal.Streams{In: strings.NewReader(""), Out: &b, Err: &b})
	return code, b.String()
}

// as returns the environment of a user of SASL.
func as(c *kafkacluster.Cluster, mechanism, user, password string) map[string]string {
	return map[string]string{
		"KAFKA_BOOTSTRAP_SERVERS": strings.Join(c.Addresses(kafkacluster.SASL), ","),
		"KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
		"KAFKA_SASL_MECHANISM":    mechanism,
		"KAFKA_SASL_USERNAME":     user,
		"KAFKA_SASL_PASSWORD":     password,
		"KAFKA_SSL_CA_FILE":       c.File("ca.pem"),
	}
}

func plainly(c *kafkacluster.Cluster) map[string]string {
	return map[string]string{"KAFKA_BOOTSTRAP_SERVERS": strings.Join(c.Addresses(kafkacluster.Plaintext), ",")}
}

// catalogOf writes a catalog with topics of its own.
func catalogOf(t *testing.T, topics ...string) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "catalog.json")
	text := fmt.Sprintf(`{"nodes": [{"topics": ["%s"]}]}`, strings.Join(topics, `", "`))
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return file
}

// Kafka itself makes and changes topics as the plan says, tells what it would
// refuse while it is planned, and then nothing is left to do.
func TestTopicsOnKafka(t *testing.T) {
	cluster := kafkacluster.Shared(t, 1)
	namespace := "dev." + uuid.NewString()
	topic := namespace + ".a.effect.metric.recorded.v1"
	catalog := catalogOf(t, "{namespace}.a.effect.metric.recorded.v1")
	onexctl := func(code int, says string, args ...string) {
		t.Helper()
		args = append(args, "-namespace", namespace, "-f", catalog)
		got, out := onCluster(t, plainly(cluster), args...)
		if got != code || !strings.Contains(out, says) {
			t.Fatalf("onexctl %q exits with %d, want %d, and says\n%s\nwant %s", args, got, code, out, says)
		}
	}
	onexctl(1, "fault   0 of 2 topics can be written to", "check")
	onexctl(1, "create  "+topic+".dlq: partitions 1, replication.factor 1, cleanup.policy delete, retention.ms 2592000000 (30 days)", "topics", "plan")
	onexctl(1, "fault   "+topic+": create the topic: Unable to replicate the partition 5 time(s)", "topics", "plan", "-replication-factor", "5")
	onexctl(0, "2 topics: 2 created", "topics", "apply")
	onexctl(0, "2 topics: 0 to create, 0 to change, 2 as they are", "topics", "plan")
	onexctl(0, "ok      2 of 2 topics can be written to", "check")
	wantTopic(t, cluster, topic, 3, "604800000")
	wantTopic(t, cluster, topic+".dlq", 1, "2592000000")

	onexctl(1, "change  "+topic+": partitions 3 → 6, retention.ms 604800000 (7 days) → 1209600000 (14 days)", "topics", "plan", "-partitions", "6", "-retention", "14d")
	wantTopic(t, cluster, topic, 3, "604800000")
	onexctl(0, "2 topics: 0 created, 1 changed, 1 as they are", "topics", "apply", "-partitions", "6", "-retention", "14d")
	wantTopic(t, cluster, topic, 6, "1209600000")
	onexctl(0, "keeps retention.ms 1209600000 (14 days), not 604800000 (7 days)", "topics", "apply")
	wantTopic(t, cluster, topic, 6, "1209600000")
	onexctl(0, "retention.ms 1209600000 (14 days) → 604800000 (7 days)", "topics", "apply", "-overwrite")
	wantTopic(t, cluster, topic, 6, "604800000")
}

// wantTopic asks another client how a topic is.
func wantTopic(t *testing.T, cluster *kafkacluster.Cluster, topic string, partitions int, retention string) {
	t.Helper()
	admin := cluster.Admin(t)
	topics, err := admin.ListTopics(testContext(), topic)
	if err != nil {
		t.Fatal(err)
	}
	configs, err := admin.DescribeTopicConfigs(testContext(), topic)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, c := range configs[0].Configs {
		got[c.Key] = c.MaybeValue()
	}
	if n := len(topics[topic].Partitions); n != partitions || got["retention.ms"] != retention || got["cleanup.policy"] != "delete" {
		t.Errorf("%s has %d partitions, retention.ms %s and cleanup.policy %s, want %d, %s and delete", topic, n, got["retention.ms"], got["cleanup.policy"], partitions, retention)
	}
}

// check tells the faults of a connection to Kafka itself from each other.
func TestCheckOnKafka(t *testing.T) {
	cluster := kafkacluster.Shared(t, 1)
	mine, theirs := "dev."+uuid.NewString(), "prod."+uuid.NewString()
	cluster.CreateTopics(t, 1, nil, mine, theirs)
	for name, tt := range map[string]struct {
		env  map[string]string
		with map[string]string
		code int
		says []string
	}{
		"PLAINTEXT": {plainly(cluster), nil, 0, []string{"up      Kafka answers, and takes events", "ok      2 of 2 topics can be written to"}},
		"SCRAM": {
			as(cluster, "SCRAM-SHA-512", kafkacluster.Admin, kafkacluster.Password(kafkacluster.Admin)), nil,
			0,
			[]string{"ok      2 of 2 topics can be written to"},
		},
		"one topic not authorized": {
			as(cluster, "PLAIN", kafkacluster.Publisher, kafkacluster.Password(kafkacluster.Publisher)), nil,
			1,
			[]string{"up      ", "fault   topic " + theirs + ": authorization: ", "fault   1 of 2 topics can be written to"},
		},
		"no topic authorized": {
			as(cluster, "SCRAM-SHA-512", kafkacluster.Guest, kafkacluster.Password(kafkacluster.Guest)), nil,
			1,
			[]string{"down    authorization: begin to write idempotently: CLUSTER_AUTHORIZATION_FAILED", "fault   0 of 2 topics can be written to"},
		},
		"wrong password": {
			as(cluster, "SCRAM-SHA-512", kafkacluster.Publisher, "hunter2"), nil,
			1,
			[]string{"down    authentication: SASL_AUTHENTICATION_FAILED", "; correct KAFKA_SASL_MECHANISM, the user name and the password"},
		},
		"unknown authority": {
			as(cluster, "PLAIN", kafkacluster.Admin, kafkacluster.Password(kafkacluster.Admin)),
			map[string]string{"KAFKA_SSL_CA_FILE": cluster.File("stranger-ca.pem")},
			1,
			[]string{"down    tls: ", "certificate signed by unknown authority"},
		},
		"expired": {
			map[string]string{
				"KAFKA_BOOTSTRAP_SERVERS": strings.Join(cluster.Addresses(kafkacluster.Expired), ","),
				"KAFKA_SECURITY_PROTOCOL": "SSL", "KAFKA_SSL_CA_FILE": cluster.File("ca.pem"),
			},
			nil,
			1,
			[]string{"down    tls: ", "certificate has expired"},
		},
		"certificate of the client": {
			map[string]string{
				"KAFKA_BOOTSTRAP_SERVERS": strings.Join(cluster.Addresses(kafkacluster.SSL), ","),
				"KAFKA_SECURITY_PROTOCOL": "SSL", "KAFKA_SSL_CA_FILE": cluster.File("ca.pem"),
				"KAFKA_SSL_CERT_FILE": cluster.File("client.crt"), "KAFKA_SSL_KEY_FILE": cluster.File("client.key"),
			},
			nil,
			1,
			[]string{"up      ", "fault   1 of 2 topics can be written to"},
		},
		"no TLS at a port with it": {
			map[string]string{"KAFKA_BOOTSTRAP_SERVERS": strings.Join(cluster.Addresses(kafkacluster.SSL), ",")},
			nil,
			1,
			[]string{"down    tls: "},
		},
	} {
		t.Run(name, func(t *testing.T) {
			for name, value := range tt.with {
				tt.env[name] = value
			}
			tt.env["KAFKA_ENABLE_DLQ"] = "false"
			code, out := onCluster(t, tt.env, "check", "-topic", mine, "-topic", theirs)
			if code != tt.code {
				t.Errorf("it exits with %d, want %d", code, tt.code)
			}
			for _, want := range tt.says {
				if !strings.Contains(out, want) {
					t.Errorf("it does not say %q", want)
				}
			}
			if strings.Contains(out, "hunter2") || strings.Contains(out, "-secret") {
				t.Error("it prints a password")
			}
			if t.Failed() {
				t.Log(out)
			}
		})
	}
	// Nothing was written to find that out.
	ends, err := cluster.Admin(t).ListEndOffsets(testContext(), mine, theirs)
	if err != nil {
		t.Fatal(err)
	}
	for _, topic := range []string{mine, theirs} {
		if end, ok := ends.Lookup(topic, 0); !ok || end.Offset != 0 {
			t.Errorf("%s ends at %d", topic, end.Offset)
		}
	}
}
