package topics_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/runtime/topics"
	"github.com/omninode-ai/onexevents/testdata/fakecluster"
)

// What a person may have wanted stays, unless the settings say otherwise in so
// many words; and partitions stay all the same.
func TestEnsureCarefully(t *testing.T) {
	for name, tt := range map[string]struct {
		partitions int32
		have       map[string]string
		settings   topics.Settings
		want       string // as the cluster has it then
		says       string
	}{
		"more partitions": {
			5, nil,
			topics.Settings{Overwrite: true},
			"5", "keeps partitions 5, not 3: partitions cannot be taken away",
		},
		"fewer partitions": {
			2, nil,
			topics.Settings{Events: topics.Shape{Partitions: 4}},
			"4", "changed dev.t: partitions 2 → 4",
		},
		"kept for longer": {
			3,
			map[string]string{"retention.ms": "2592000000"},
			topics.Settings{},
			"3 retention.ms=2592000000", "keeps retention.ms 2592000000 (30 days), not 604800000 (7 days): it is higher, and Kafka could delete or refuse events; ask for it with overwrite",
		},
		"kept for ever": {
			3,
			map[string]string{"retention.ms": "-1"},
			topics.Settings{},
			"3 retention.ms=-1", "keeps retention.ms -1 (for ever), not",
		},
		"kept for ever, overwritten": {
			3,
			map[string]string{"retention.ms": "-1"},
			topics.Settings{Overwrite: true},
			"3 retention.ms=604800000", "warning: Kafka deletes what is beyond the new retention.ms at once",
		},
		"kept for less": {
			3,
			map[string]string{"retention.ms": "60000"},
			topics.Settings{Events: topics.Shape{Retention: topics.RetainForever}},
			"3 retention.ms=-1", "retention.ms 60000 (1m0s) → -1 (for ever)",
		},
		"compacted by a person": {
			3,
			map[string]string{"cleanup.policy": "compact"},
			topics.Settings{},
			"3 cleanup.policy=compact", "keeps cleanup.policy compact, not delete: somebody has set it on the topic; ask for it with overwrite",
		},
		"compacted by a person, overwritten": {
			3,
			map[string]string{"cleanup.policy": "compact"},
			topics.Settings{Overwrite: true},
			"3 cleanup.policy=delete", "warning: Kafka deletes what is older than retention.ms at once",
		},
		"to be compacted": {
			3, nil,
			topics.Settings{Events: topics.Shape{CleanupPolicy: "compact"}},
			"3 cleanup.policy=compact", "warning: compaction keeps the last event of each key only",
		},
		"the same policy in another order": {
			3,
			map[string]string{"cleanup.policy": "delete, compact"},
			topics.Settings{Events: topics.Shape{CleanupPolicy: "compact,delete"}},
			"3 cleanup.policy=delete, compact", "1 topics: 0 created, 0 changed, 1 as they are",
		},
		"further settings": {
			3,
			map[string]string{"max.message.bytes": "2000000", "segment.ms": "5000"},
			topics.Settings{Events: topics.Shape{Configs: map[string]string{"max.message.bytes": "1000", "segment.ms": "6000", "segment.bytes": "1000000"}}},
			"3 max.message.bytes=2000000 segment.bytes=1000000 segment.ms=5000", "keeps max.message.bytes 2000000, not 1000",
		},
		"replicas": {
			3, nil,
			topics.Settings{Events: topics.Shape{ReplicationFactor: 3}},
			"3", "keeps replication.factor 1, not 3: replicas are moved with kafka-reassign-partitions",
		},
	} {
		t.Run(name, func(t *testing.T) {
			cluster := fakecluster.New(t)
			if err := cluster.CreateTopic("dev.t", tt.partitions, tt.have); err != nil {
				t.Fatal(err)
			}
			tt.settings.NoDeadLetters = true
			plan := ensure(t, cluster, tt.settings, "dev.t")
			if got := fakecluster.Settings(t, cluster, "dev.t"); got != tt.want && got != tt.want+" " {
				t.Errorf("the topic is %q, want %q", got, tt.want)
			}
			if !strings.Contains(plan.String(), tt.says) {
				t.Errorf("the plan does not say %q:\n%v", tt.says, plan)
			}
			if create, change := ensure(t, cluster, tt.settings, "dev.t").Pending(); create+change != 0 {
				t.Error("the second time there is something to do")
			}
		})
	}
}

// Of several overrides for a topic the last one counts that sets a field; they
// reach dead letters only by their suffix.
func TestOverrides(t *testing.T) {
	cluster := fakecluster.New(t)
	plan := ensure(t, cluster, topics.Settings{
		DeadLetterSuffix: ".dead",
		DeadLetters:      topics.Shape{Retention: 24 * time.Hour},
		Overrides: []topics.Override{
			{Match: "dev.*", TopicShape: topics.Shape{Partitions: 6, Configs: map[string]string{"segment.ms": "1000"}}},
			{Match: "*.metric.recorded.v1", TopicShape: topics.Shape{Retention: time.Hour}},
			{Match: "*.started.*", TopicShape: topics.Shape{Partitions: 12}},
			{Match: "*.started.v1.dead", TopicShape: topics.Shape{Partitions: 2}},
			{Match: "prod.*", TopicShape: topics.Shape{Partitions: 24}},
		},
	}, planned, "dev.a.effect.metric.recorded.v1")
	for topic, want := range map[string]string{
		planned:                                "12 cleanup.policy=delete retention.ms=604800000 segment.ms=1000",
		planned + ".dead":                      "2 cleanup.policy=delete retention.ms=86400000",
		"dev.a.effect.metric.recorded.v1":      "6 cleanup.policy=delete retention.ms=3600000 segment.ms=1000",
		"dev.a.effect.metric.recorded.v1.dead": "1 cleanup.policy=delete retention.ms=86400000",
	} {
		if got := fakecluster.Settings(t, cluster, topic); got != want {
			t.Errorf("%s: %s, want %s", topic, got, want)
		}
	}
	if !slices.Equal(plan.Unmatched, []string{"prod.*"}) || !strings.Contains(plan.String(), `note    "prod.*" matches none of the topics`) {
		t.Errorf("plan\n%v", plan)
	}
}

// Where larger events are taken than usual, so are their dead letters, which are
// larger still; where only small ones are, the others become dead letters.
func TestLargeDeadLetters(t *testing.T) {
	cluster := fakecluster.New(t)
	ensure(t, cluster, topics.Settings{Overrides: []topics.Override{
		{Match: "large", TopicShape: topics.Shape{Configs: map[string]string{"max.message.bytes": "5000000"}}},
		{Match: "small", TopicShape: topics.Shape{Configs: map[string]string{"max.message.bytes": "5000"}}},
		{Match: "own", TopicShape: topics.Shape{Configs: map[string]string{"max.message.bytes": "5000000"}}},
		{Match: "own.dlq", TopicShape: topics.Shape{Configs: map[string]string{"max.message.bytes": "6000000"}}},
	}}, "large", "small", "own")
	for topic, want := range map[string]string{
		"large.dlq": "1 cleanup.policy=delete max.message.bytes=5000000 retention.ms=2592000000",
		"small.dlq": "1 cleanup.policy=delete retention.ms=2592000000",
		"own.dlq":   "1 cleanup.policy=delete max.message.bytes=6000000 retention.ms=2592000000",
	} {
		if got := fakecluster.Settings(t, cluster, topic); got != want {
			t.Errorf("%s: %s, want %s", topic, got, want)
		}
	}
}

// Settings that cannot be meant are refused, all at once, before Kafka is asked.
func TestSettingsRefused(t *testing.T) {
	nobody, err := kgo.NewClient(kgo.SeedBrokers("127.0.0.1:1"))
	if err != nil {
		t.Fatal(err)
	}
	defer nobody.Close()
	_, err = topics.Ensure(testContext(t), nobody, nil, topics.Settings{
		Events:           topics.Shape{Partitions: -1, ReplicationFactor: 1, Configs: map[string]string{"retention.ms": "1", "x": "", "min.insync.replicas": "2"}},
		DeadLetters:      topics.Shape{Retention: -7, CleanupPolicy: "compress"},
		DeadLetterSuffix: "!",
		Overrides:        []topics.Override{{Match: "["}, {Match: "x", TopicShape: topics.Shape{ReplicationFactor: -1, Configs: map[string]string{"cleanup.policy": "compact"}}}},
	})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		`"!" cannot end a topic; make TopicSettings.DeadLetterSuffix of letters, digits, '.', '_' and '-'`,
		"TopicSettings.Events.Partitions: -1; set it to a number from 1 to 10000, or to 0 for the default",
		"TopicSettings.Events.Configs: retention.ms; set Retention in place of it",
		`TopicSettings.Events.Configs: "x" is ""; give a name and a value`,
		"TopicSettings.Events.Configs: min.insync.replicas is 2 with 1 replicas, which cannot be met; lower it, or raise ReplicationFactor",
		"TopicSettings.DeadLetters.Retention: -7ns; set it to a time, to RetainForever, or to 0 for the default",
		`TopicSettings.DeadLetters.CleanupPolicy: "compress"; set it to delete, compact or compact,delete`,
		`"[" matches no topic; set TopicSettings.Overrides[0].Match to a topic, with * for any text`,
		"TopicSettings.Overrides[1].ReplicationFactor: -1; set it to the number of replicas, or to 0 for the brokers' default",
		"TopicSettings.Overrides[1].Configs: cleanup.policy; set CleanupPolicy in place of it",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q:\n%v", want, err)
		}
	}
	if !strings.HasPrefix(err.Error(), "topics: ") {
		t.Errorf("error %v", err)
	}
}
