package onex_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// What does not fit the profile is refused, with the reason.
func TestProfileRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		cfg  onex.Config
		want string
	}{
		"topic names": {onex.Config{Profile: onex.Profile2, TopicName: func(_, _, _ string) string { return "x" }}, "Config.TopicName"},
		"suffix":      {onex.Config{Profile: onex.Profile2, DeadLetterSuffix: ".dlq"}, "Config.DeadLetterSuffix"},
		"namespace":   {onex.Config{Profile: onex.Profile2, Namespace: "Dev.eu"}, "Config.Namespace"},
		"none":        {onex.Config{Profile: 2}, "Config.Profile"},
	} {
		pub, err := onex.NewPublisher(tt.cfg, kgo.SeedBrokers(noKafka(t)))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
		_ = pub.Close(closed(context.Background()))
	}
}

// A node whose topics are another's there, or mean something else, is refused: all
// its methods say why, and it has no topics. With ProfileV1 it is not.
func TestProfile2RefusesNodes(t *testing.T) {
	for _, tt := range []struct{ first, service, want string }{
		{"", "commands", "taken for commands"},
		{"", "intents", "taken for intents"},
		{"bridge-reducer", "bridge_reducer", "bridge-reducer and bridge_reducer"},
		{"", "Bridge", "snake case"},
	} {
		for _, profile := range []onex.Profile{onex.ProfileV1, onex.Profile2} {
			pub := newPublisher(t, onex.Config{Profile: profile}, noKafka(t))
			if tt.first != "" {
				publishAll(t, pub, tt.first, "")
			}
			before := len(pub.Topics())
			want := tt.want
			if profile == onex.ProfileV1 {
				want = ""
			}
			publishAll(t, pub, tt.service, want)
			if after := len(pub.Topics()); profile == onex.Profile2 && after != before {
				t.Errorf("%s: %d topics, and %d before", tt.service, after, before)
			}
		}
	}
}

// publishAll calls each method of a node, which has to refuse with that reason, or
// not at all if it is "".
func publishAll(t *testing.T, pub *onex.Publisher, service, reason string) {
	t.Helper()
	ctx := testContext(t)
	node := onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: service})
	op := onex.NewOperation[onex.None, onex.None](node, "x")
	for method, err := range map[string]error{
		"started":   op.Started(ctx, id, onex.None{}),
		"completed": op.Completed(ctx, id, onex.None{}, time.Second),
		"failed":    op.Failed(ctx, id, errors.New("no"), time.Second),
		"state":     onex.StateChanged(ctx, node, id, "a", "b", "c"),
		"metric":    onex.MetricRecorded(ctx, node, "m", 1, "u"),
	} {
		if (err == nil) != (reason == "") || err != nil && !strings.Contains(err.Error(), reason) {
			t.Errorf("%s of %s: %v", method, service, err)
		}
	}
}

// ONEX_PROFILE chooses the profile, and with it which variables count.
func TestEnvProfile(t *testing.T) {
	for _, tt := range []struct {
		vars      map[string]string
		profile   onex.Profile
		namespace string
		want      string // in the error
	}{
		{map[string]string{}, onex.ProfileV1, "", ""},
		{map[string]string{"ONEX_PROFILE": "V1", "DEFAULT_NAMESPACE": "prod", "KAFKA_TOPIC_NAMESPACE": "x"}, onex.ProfileV1, "prod", ""},
		{map[string]string{"ONEX_PROFILE": "2", "DEFAULT_NAMESPACE": "prod"}, onex.Profile2, "", ""},
		{map[string]string{"ONEX_PROFILE": "2", "KAFKA_TOPIC_NAMESPACE": " slot-1. "}, onex.Profile2, "slot-1", ""},
		{map[string]string{"ONEX_PROFILE": "2", "KAFKA_TOPIC_NAMESPACE": "a.b"}, 0, "", "KAFKA_TOPIC_NAMESPACE"},
		{map[string]string{"ONEX_PROFILE": "2", "KAFKA_TOPIC_NAMESPACE": "."}, 0, "", "KAFKA_TOPIC_NAMESPACE"},
		{map[string]string{"ONEX_PROFILE": "2", "KAFKA_DLQ_SUFFIX": ".dlq"}, 0, "", "KAFKA_DLQ_SUFFIX"},
		{map[string]string{"ONEX_PROFILE": "3"}, 0, "", "v1, 2"},
	} {
		setEnv(t, tt.vars)
		cfg, opts, err := onex.ConfigFromEnv()
		if (err != nil) != (tt.want != "") || err != nil && !strings.Contains(err.Error(), tt.want) || cfg.Profile != tt.profile || cfg.Namespace != tt.namespace {
			t.Errorf("%v: %+v, %v", tt.vars, cfg, err)
		}
		if err != nil {
			continue
		}
		cfg.Logger = slog.New(slog.DiscardHandler)
		pub, err := onex.NewPublisher(cfg, append(opts, kgo.SeedBrokers(noKafka(t)))...)
		if err != nil {
			t.Errorf("%v: %v", tt.vars, err)
		}
		_ = pub.Close(closed(context.Background()))
	}
}
