package onex_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/envelope"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool"
)

// metricRow is a metric event of a service, in whatever topic.
func metricRow(t testing.TB, seq uint64, topic, service string) onex.Spooled {
	t.Helper()
	env, err := envelope.Wrap(uuid.New(), envelope.MetricRecorded{NodeID: "n1", NodeType: "effect", RecordedAt: time.Now(), MetricName: "m", MetricValue: float64(seq), MetricUnit: "u"}, "effect", service)
	if err != nil {
		t.Fatal(err)
	}
	value, err := env.AppendJSON(nil)
	if err != nil {
		t.Fatal(err)
	}
	return onex.Spooled{Seq: seq, Topic: topic, Key: []byte("k"), Value: value, At: time.Now()}
}

// What is read from a spool is sent if it is an event, and in a topic of its own. The
// rest is told and kept for people to look into, and never sent.
func TestForeignEvents(t *testing.T) {
	const own = "dev.a.effect.metric.recorded.v1"
	rowWith := func(seq uint64, topic string, value string) onex.Spooled {
		return onex.Spooled{Seq: seq, Topic: topic, Value: []byte(value), At: time.Now()}
	}
	rows := []onex.Spooled{
		metricRow(t, 1, own, "a"),
		metricRow(t, 2, "another.name-space.a.effect.metric.recorded.v1", "a"),
		rowWith(3, "dev.a.effect.metric.recorded.v12", strings.Replace(string(metricRow(t, 0, own, "a").Value), `"event_version":"1.0"`, `"event_version":"12.0"`, 1)),
		metricRow(t, 4, "dev.events.v1", "a"), // as TopicName has it
		metricRow(t, 5, "dev.payments.v1", "a"),
		metricRow(t, 6, own, "b"),
		metricRow(t, 7, "dev.a.effect.state.changed.v1", "a"),
		metricRow(t, 8, own+".dlq", "a"),
		metricRow(t, 9, own+"0x", "a"),
		metricRow(t, 10, "dev.a.effect.metric.recorded.v2", "a"),
		metricRow(t, 11, "__consumer_offsets", "a"),
		metricRow(t, 12, "dev.\n.a.effect.metric.recorded.v1", "a"),
		rowWith(13, own, ""),
		rowWith(14, own, "\xff\xfe"),
		rowWith(15, own, "{}"),
		rowWith(16, own, strings.Replace(string(metricRow(t, 0, own, "a").Value), `"source_node_id":"n1"`, `"source_node_id":""`, 1)),
		rowWith(17, own, strings.Replace(string(metricRow(t, 0, own, "a").Value), `"service_name":"a"`, `"service_name":["a"]`, 1)),
		metricRow(t, 18, own, "a"),
	}
	dir := t.TempDir()
	sp, err := spool.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sp.Append(rows); err != nil {
		t.Fatal(err)
	}
	k := newKafka(t).start()
	var losses losses
	var log bytes.Buffer
	pub := newPublisher(t, onex.Config{Spool: sp, OnLoss: losses.add, TopicName: oneTopic, Logger: slog.New(slog.NewTextHandler(&log, nil))}, k.addr(), quick()...)
	_ = pub.Close(testContext(t))
	if got, want := pub.Ledger(), (onex.Ledger{Accepted: 18, Delivered: 5, Lost: 13}); got != want {
		t.Errorf("ledger %+v, want %+v", got, want)
	}
	for _, l := range losses.list() {
		if l.Reason != onex.LossForeign || l.Err == nil || l.Topic == "" {
			t.Errorf("lost: %+v", l)
		}
	}
	if !strings.Contains(log.String(), "reason=foreign") || !strings.Contains(log.String(), `an event effect.metric.recorded of service \"a\" is in the spool for topic dev.payments.v1, which is not its own`) {
		t.Errorf("the log says\n%s", &log)
	}
	for topic, want := range map[string]int{
		own: 2, "another.name-space.a.effect.metric.recorded.v1": 1, "dev.a.effect.metric.recorded.v12": 1, "dev.events.v1": 1,
		"dev.payments.v1": 0, "dev.a.effect.state.changed.v1": 0, own + ".dlq": 0, "dev.a.effect.metric.recorded.v2": 0,
	} {
		if got := len(readAll(t, k.addr(), topic)); got != want {
			t.Errorf("%d events are in %s, want %d", got, topic, want)
		}
	}

	// They are in a file, as they were, and in the spool no more.
	var kept []uint64
	for _, r := range rejections(t, dir) {
		row := rows[r.Seq-1]
		value := []byte(r.Value)
		if r.ValueBase64 != nil {
			value = r.ValueBase64
		}
		if r.Topic != row.Topic || !bytes.Equal(value, row.Value) || r.Reason == "" || !r.At.Equal(row.At) {
			t.Errorf("%d is kept as %+v", row.Seq, r)
		}
		kept = append(kept, r.Seq)
	}
	slices.Sort(kept)
	if want := []uint64{5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17}; !slices.Equal(kept, want) {
		t.Errorf("kept are %v, want %v", kept, want)
	}
	if b, err := spool.Verify(dir); err != nil || len(b.Topics) > 0 {
		t.Errorf("in the spool are %+v, %v", b.Topics, err)
	}
}

type rejection struct {
	Reason      string    `json:"reason"`
	Seq         uint64    `json:"seq"`
	Topic       string    `json:"topic"`
	At          time.Time `json:"at"`
	Operation   string    `json:"operation"`
	Value       string    `json:"value"`
	ValueBase64 []byte    `json:"value_base64"`
}

func rejections(t *testing.T, dir string) (all []rejection) {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "rejected.jsonl"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var r rejection
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatalf("%v in %s", err, lines.Bytes())
		}
		all = append(all, r)
	}
	return all
}

// A program that knows better can have events sent to whatever topic they are in. What
// is no event is not sent even so.
func TestAnySpooledTopic(t *testing.T) {
	k := newKafka(t).start()
	sp := &memSpool{}
	rows := []onex.Spooled{metricRow(t, 1, "dev.payments.v1", "a"), {Seq: 2, Topic: "dev.payments.v1", Value: []byte("{}"), At: time.Now()}}
	if _, err := sp.Append(rows); err != nil {
		t.Fatal(err)
	}
	pub := newPublisher(t, onex.Config{Spool: sp, AnySpooledTopic: true}, k.addr(), quick()...)
	_ = pub.Close(testContext(t))
	if got, want := pub.Ledger(), (onex.Ledger{Accepted: 2, Delivered: 1, Lost: 1}); got != want {
		t.Errorf("ledger %+v, want %+v", got, want)
	}
	if got := len(readAll(t, k.addr(), "dev.payments.v1")); got != 1 || sp.len() > 0 {
		t.Errorf("%d events have arrived, and %d are in the spool", got, sp.len())
	}
}

// Many of them in a row do not hide those behind them, and nothing is thrown away that
// could not be kept: it is tried again.
func TestManyForeignEvents(t *testing.T) {
	const topic = "dev.a.effect.metric.recorded.v1"
	sp := &rejecting{memSpool: &memSpool{}, failures: 2}
	var rows []onex.Spooled
	for seq := range uint64(3000) {
		rows = append(rows, onex.Spooled{Seq: seq + 1, Topic: topic, Value: fmt.Append(nil, seq), At: time.Now()})
	}
	rows = append(rows, metricRow(t, 3001, topic, "a"))
	if _, err := sp.Append(rows); err != nil {
		t.Fatal(err)
	}
	k := newKafka(t).start()
	pub := newPublisher(t, onex.Config{Spool: sp}, k.addr(), quick()...)
	_ = pub.Close(testContext(t))
	if got, want := pub.Ledger(), (onex.Ledger{Accepted: 3001, Delivered: 1, Lost: 3000}); got != want {
		t.Errorf("ledger %+v, want %+v", got, want)
	}
	if sp.kept != 3000 || sp.len() > 0 {
		t.Errorf("%d are kept, and %d in the spool", sp.kept, sp.len())
	}
}

type rejecting struct {
	*memSpool
	failures, kept int
}

func (s *rejecting) Reject(events []onex.Spooled, _ []error) error {
	if s.failures > 0 {
		s.failures--
		return errors.New("not now")
	}
	s.kept += len(events)
	return nil
}

// What an operation is said to have begun with is an event too, or nothing is said of it.
func TestForeignOperation(t *testing.T) {
	good, moved, none := startedRow(t, 1, time.Now()), startedRow(t, 2, time.Now()), startedRow(t, 3, time.Now())
	moved.Topic, none.Value = "dev.payments.v1", []byte("{}")
	dir := t.TempDir()
	sp, err := spool.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sp.Append([]onex.Spooled{good, moved, none}); err != nil {
		t.Fatal(err)
	}
	for _, row := range []onex.Spooled{good, moved, none} {
		if err := sp.Remove(row.Topic, 3); err != nil {
			t.Fatal(err)
		}
	}
	k := newKafka(t).start()
	pub := newPublisher(t, onex.Config{Spool: sp}, k.addr(), quick()...)
	if err := pub.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if got, want := pub.Ledger(), (onex.Ledger{Accepted: 1, Delivered: 1}); got != want {
		t.Errorf("ledger %+v, want %+v", got, want)
	}
	if kept := rejections(t, dir); len(kept) != 2 || kept[0].Operation == "" {
		t.Errorf("kept are %+v", kept)
	}
	if _, open, err := spool.Inspect(dir); err != nil || len(open) > 0 {
		t.Errorf("unfinished %v, %v", open, err)
	}
}
