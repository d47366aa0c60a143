package onex_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/envelope"
	onex "github.com/omninode-ai/onexevents/runtime"
)

// What the program says may be wrong. Then the event that it was asked for is
// refused, or says so too; all others arrive, and what arrives can be read.
func TestGuestsLie(t *testing.T) {
	var n atomic.Int64
	at := func(times ...time.Time) func() time.Time {
		return func() time.Time { return times[int(n.Add(1))%len(times)] }
	}
	year := func(y int) time.Time { return time.Date(y, 1, 2, 3, 4, 5, 6, time.UTC) }
	huge := strings.Repeat("ü", 32<<20)
	same := uuid.MustParse("7c9e6679-7425-40de-944b-e07fc1f90ae7")
	for name, lie := range map[string]func(*onex.Config){
		"Now is long ago":        func(c *onex.Config) { c.Now = at(year(1)) },
		"Now is before Christ":   func(c *onex.Config) { c.Now = at(year(-5000)) },
		"Now is far away":        func(c *onex.Config) { c.Now = at(year(20_000)) },
		"Now jumps":              func(c *onex.Config) { c.Now = at(year(2), year(9998), year(2000)) },
		"Now is nothing":         func(c *onex.Config) { c.Now = at(time.Time{}) },
		"NewID is the same":      func(c *onex.Config) { c.NewID = func() uuid.UUID { return same } },
		"NewID is nothing":       func(c *onex.Config) { c.NewID = func() uuid.UUID { return uuid.Nil } },
		"TopicName is illegal":   func(c *onex.Config) { c.TopicName = func(_, _, _ string) string { return "a b/\x00" } },
		"TopicName is huge":      func(c *onex.Config) { c.TopicName = func(_, _, _ string) string { return huge } },
		"TopicName changes":      func(c *onex.Config) { c.TopicName = func(_, _, _ string) string { return fmt.Sprint("t", n.Add(1)) } },
		"Mask returns very much": func(c *onex.Config) { c.Mask = func(string) string { return huge } },
		"Mask returns no UTF-8":  func(c *onex.Config) { c.Mask = func(string) string { return "a\xff\xfe\x00\"\\" } },
		"Mask returns nothing":   func(c *onex.Config) { c.Mask = func(string) string { return "" } },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { lieTo(t, lie) })
		})
	}
}

func lieTo(t *testing.T, lie func(*onex.Config)) {
	k := newBubbleKafka(t).start()
	var cfg onex.Config
	lie(&cfg)
	pub := newPublisher(t, cfg, k.addr(), append(k.client, kgo.UnknownTopicRetries(1))...)
	// Another publisher shares nothing with it but Kafka.
	witness := newPublisher(t, onex.Config{Namespace: "witness"}, k.addr(), k.client...)
	ctx := context.Background()
	op, spool := operation(pub, "effect", "x"), onex.Durable()
	failure := errors.New("dial tcp: refused")
	for i := range 20 {
		if err := onex.MetricRecorded(ctx, onex.NewNode(witness, "n1", onex.NodeSpec{Type: "effect", Service: "a"}), "m", float64(i), "u"); err != nil {
			t.Error(err)
		}
		if err := onex.RunBare(ctx, op, func(context.Context) error { return failure }); err != failure {
			t.Errorf("Run returns %v", err)
		}
		_ = op.Started(ctx, id, onex.None{}, spool) // there is none
		_ = op.Failed(ctx, id, failure, time.Second)
	}
	closing, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for _, p := range []*onex.Publisher{pub, witness} {
		if err := p.Close(closing); err != nil {
			t.Error(err)
		}
		l := p.Ledger()
		checkLedger(t, l)
		if l.Delivered != l.Accepted || p == witness && l.Delivered != 20 {
			t.Errorf("ledger %+v", l)
		}
	}
	for _, topic := range pub.Topics() {
		for _, rec := range readAll(t, k.addr(), topic, k.client...) {
			env, err := envelope.Decode(rec.Value)
			if err != nil {
				t.Errorf("%v: %s", err, rec.Value)
				continue
			}
			var payload struct {
				Text string `json:"error_message"`
			}
			if err := json.Unmarshal(env.Payload, &payload); err != nil || !utf8.Valid(rec.Value) || len(rec.Value) > 8<<10 {
				t.Errorf("%v: %.300s", err, rec.Value)
			}
		}
	}
}
