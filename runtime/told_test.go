package onex_test

import (
	"bytes"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/omninode-ai/onexevents/envelope"
	onex "github.com/omninode-ai/onexevents/runtime"
)

// Of each event that becomes a dead letter the program is told, the log as well,
// and the health counts them; the record says in its headers what it is.
func TestDeadLettersAreTold(t *testing.T) {
	var log bytes.Buffer
	var mu sync.Mutex
	var told []onex.DeadLetter
	k := newKafka(t).start()
	l := newLoad(t)
	cfg := l.config(nil)
	cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
	cfg.Mask = func(s string) string { return strings.ReplaceAll(s, "too large", "***") }
	cfg.OnDeadLetter = func(d onex.DeadLetter) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, d)
	}
	pub := newPublisher(t, cfg, k.addr(), append(quick(), uncompressed)...)
	l.use(pub)
	refuse(k.cluster, l.topic, "unfit", kerr.InvalidRecord)
	refuse(k.cluster, l.topic, "large", kerr.MessageTooLarge)
	for i, what := range []string{"unfit", "large", "unfit"} {
		err := onex.MetricRecorded(testContext(t), l.node, what, float64(i), "u", onex.WithCorrelationID(id), onex.WithPartitionKey("k3"))
		if err != nil {
			t.Fatal(err)
		}
		l.some(5)
	}
	if err := pub.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if got, want := pub.Health().DeadLetters, map[string]int64{"INVALID_RECORD": 2, "MESSAGE_TOO_LARGE": 1}; !maps.Equal(got, want) {
		t.Errorf("the health counts %v, want %v", got, want)
	}
	letters := readAll(t, k.addr(), l.topic+".dlq")
	if len(letters) != 3 || len(told) != 3 {
		t.Fatalf("%d dead letters, %d told", len(letters), len(told))
	}
	for _, rec := range letters {
		value, err := envelope.DecodeDeadLetter(rec.Value)
		if err != nil {
			t.Fatal(err)
		}
		env, err := envelope.Decode(value.OriginalData)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(told, func(d onex.DeadLetter) bool { return d.EventID == env.EventID })
		if i < 0 {
			t.Fatalf("nothing was told of event %s", env.EventID)
		}
		d := told[i]
		if d.EventType != env.EventType || d.CorrelationID != id.String() || d.Topic != l.topic || d.Key != "k3" ||
			d.DeadLetterTopic != rec.Topic || d.Partition != rec.Partition || d.Offset != rec.Offset ||
			d.Reason != value.FailureReason || !strings.Contains(d.Reason, d.Code) || !strings.Contains(d.Err.Error(), d.Code) {
			t.Errorf("%+v of %+v", d, value)
		}
		headers := map[string]string{}
		for _, h := range rec.Headers {
			headers[h.Key] = string(h.Value)
		}
		partition := headers[onex.HeaderOriginalPartition]
		want := map[string]string{
			onex.HeaderOriginalTopic: l.topic, onex.HeaderOriginalPartition: partition,
			onex.HeaderFailureReason: value.FailureReason, onex.HeaderEventID: env.EventID.String(),
		}
		if !maps.Equal(headers, want) || len(rec.Headers) != len(onex.DeadLetterHeaders()) || !slices.Contains([]string{"0", "1", "2"}, partition) {
			t.Errorf("headers %v, want %v", headers, want)
		}
		for _, want := range []string{"level=WARN", `msg="event dead-lettered"`, "event_id=" + env.EventID.String(), "topic=" + l.topic, "reason=\"" + value.FailureReason} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("the log lacks %q:\n%s", want, &log)
			}
		}
	}
	if strings.Contains(log.String(), "too large") {
		t.Errorf("the log is not masked:\n%s", &log)
	}
}

// The partition in the headers is the one that the event's key leads to.
func TestDeadLetterNamesThePartition(t *testing.T) {
	k := newKafka(t).start()
	l := newLoad(t)
	pub := newPublisher(t, l.config(nil), k.addr(), append(quick(), uncompressed)...)
	l.use(pub)
	l.some(70)
	if err := pub.Flush(testContext(t)); err != nil {
		t.Fatal(err)
	}
	refuse(k.cluster, l.topic, "unfit", kerr.InvalidRecord)
	for i := range 7 {
		if err := l.publish("k"+string(rune('0'+i)), onex.WithMetadata(map[string]any{"k": "unfit"})); err != nil {
			t.Fatal(err)
		}
	}
	if err := pub.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
	partitions := map[string]int32{}
	for _, rec := range readAll(t, k.addr(), l.topic) {
		partitions[string(rec.Key)] = rec.Partition
	}
	letters := readAll(t, k.addr(), l.topic+".dlq")
	if len(letters) != 7 {
		t.Fatalf("%d dead letters", len(letters))
	}
	for _, rec := range letters {
		if got, want := string(rec.Headers[1].Value), string(rune('0'+partitions[string(rec.Key)])); got != want {
			t.Errorf("partition %s of key %s, want %s", got, rec.Key, want)
		}
	}
}

// The log gets some lines of many dead letters, and how many it did not get.
// OnDeadLetter gets all.
func TestDeadLettersAreRateLimited(t *testing.T) {
	const n = 500
	var log bytes.Buffer
	calls := 0
	k := newKafka(t).start()
	l := newLoad(t)
	cfg := l.config(nil)
	cfg.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))
	cfg.OnDeadLetter = func(onex.DeadLetter) { calls++ }
	pub := newPublisher(t, cfg, k.addr(), append(quick(), uncompressed)...)
	l.use(pub)
	refuse(k.cluster, l.topic, "unfit", kerr.InvalidRecord)
	for range n {
		if err := l.publish("k", onex.WithMetadata(map[string]any{"k": "unfit"})); err != nil {
			t.Fatal(err)
		}
	}
	if err := pub.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if lines, held := strings.Count(log.String(), `msg="event dead-lettered"`), heldBack(t, log.String()); lines+held != n || lines > n/2 || calls != n {
		t.Errorf("%d lines, %d held back, %d calls, of %d dead letters", lines, held, calls, n)
	}
}
