package guide_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/omninode-ai/onexevents/envelope"
	"github.com/omninode-ai/onexevents/example/stamping"
	"github.com/omninode-ai/onexevents/example/workflow"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/onextest"
	"github.com/omninode-ai/onexevents/runtime/spool"
)

// The pictures are drawn from what the runtime does:
//
//	go test ./example/guide -update
func TestPictures(t *testing.T) {
	t.Run("life", func(t *testing.T) { drawLife(t, live(t)) })
	t.Run("request", drawRequest)
	t.Run("methods", drawMethods)
}

// live publishes events with Kafka well, then refusing one topic's, then away, and
// returns the ledger.
func live(t *testing.T) onex.Ledger {
	kafka, err := kfake.NewCluster(kfake.Ports(0), kfake.NumBrokers(1), kfake.AllowAutoTopicCreation())
	if err != nil {
		t.Fatal(err)
	}
	defer kafka.Close()
	kafka.ControlKey(int16(kmsg.Produce), func(req kmsg.Request) (kmsg.Response, error, bool) {
		kafka.KeepControl()
		metrics := kafka.TopicInfo("dev.stamping.effect.metric.recorded.v1")
		return refuse(req.(*kmsg.ProduceRequest), metrics)
	})
	disk, err := spool.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	pub, err := onex.NewPublisher(onex.Config{Spool: disk, SpoolAfter: 100 * time.Millisecond, Logger: slog.New(slog.DiscardHandler)}, kgo.SeedBrokers(kafka.ListenAddrs()...))
	if err != nil {
		t.Fatal(err)
	}
	ctx, id := t.Context(), uuid.New()
	e := stamping.NewStamperEvents(pub, "stamper-1")
	publish := func(n int, f func() error) {
		for range n {
			if err := f(); err != nil {
				t.Fatal(err)
			}
		}
	}
	publish(40, func() error { return e.PublishStampStarted(ctx, id, stamping.Document{}) })
	await(t, pub, func(l onex.Ledger) bool { return l.Delivered == 40 })
	publish(2, func() error { return e.PublishMetricRecorded(ctx, "size", 1, "bytes") })
	await(t, pub, func(l onex.Ledger) bool { return l.DeadLettered == 2 })
	kafka.Close()
	publish(10, func() error { return e.PublishStampCompleted(ctx, id, stamping.Stamp{}, time.Millisecond) })
	if err := e.PublishStampStarted(ctx, uuid.Nil, stamping.Document{}); !errors.Is(err, onex.ErrNoCorrelation) {
		t.Fatalf("without a correlation id: %v", err)
	}
	await(t, pub, func(l onex.Ledger) bool { return l.Spooled == 10 })
	ended, end := context.WithCancel(ctx)
	end()
	_ = pub.Close(ended)
	return pub.Ledger()
}

// refuse answers a request with events of one topic alone as if they were too large.
func refuse(req *kmsg.ProduceRequest, info *kfake.TopicInfo) (kmsg.Response, error, bool) {
	resp := req.ResponseKind().(*kmsg.ProduceResponse)
	if info == nil || len(req.Topics) != 1 || req.Topics[0].TopicID != info.TopicID {
		return nil, nil, false
	}
	for _, topic := range req.Topics {
		answer := kmsg.NewProduceResponseTopic()
		answer.Topic, answer.TopicID = topic.Topic, topic.TopicID
		for _, partition := range topic.Partitions {
			p := kmsg.NewProduceResponseTopicPartition()
			p.Partition, p.ErrorCode = partition.Partition, kerr.MessageTooLarge.Code
			answer.Partitions = append(answer.Partitions, p)
		}
		resp.Topics = append(resp.Topics, answer)
	}
	return resp, nil, true
}

func await(t *testing.T, pub *onex.Publisher, is func(onex.Ledger) bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !is(pub.Ledger()); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%+v, %+v", pub.Ledger(), pub.Health())
		}
	}
}

// drawLife draws where an event can be, with the ledger's fields.
func drawLife(t *testing.T, l onex.Ledger) {
	p := picture{width: 760, height: 300}
	field := func(x, y int, class, name string, n int64, more ...string) {
		if _, ok := reflect.TypeFor[onex.Ledger]().FieldByName(name); !ok {
			t.Errorf("the ledger has no %s", name)
		}
		p.box(x, y, 200, class, append([]string{fmt.Sprintf("%s: %d", name, n)}, more...)...)
	}
	p.box(20, 100, 190, "box", "a publish method", fmt.Sprintf("called %d times", l.Accepted+l.Rejected))
	field(20, 220, "box", "Rejected", l.Rejected, "it returned an error")
	field(280, 100, "wait", "InFlight", l.InFlight, "in the queue or with Kafka")
	field(280, 220, "wait", "Spooled", l.Spooled, "on disk, until Kafka is back")
	field(540, 20, "good", "Delivered", l.Delivered, "all in-sync brokers have it")
	field(540, 100, "box", "DeadLettered", l.DeadLettered, "refused for its own sake")
	field(540, 180, "bad", "Lost", l.Lost, "with a reason, and told")
	p.arrow(210, 125, 280, 125)
	p.arrow(110, 150, 110, 220)
	p.text(218, 92, "dim", "nil")
	p.text(118, 190, "dim", "an error")
	p.arrow(350, 150, 350, 220)
	p.arrow(410, 220, 410, 150)
	p.text(290, 190, "dim", "away")
	p.text(418, 190, "dim", "back")
	p.arrow(480, 125, 540, 45)
	p.arrow(480, 125, 540, 125)
	p.arrow(480, 125, 540, 205)
	p.arrow(480, 245, 540, 205)
	p.text(280, 30, "big", fmt.Sprintf("Accepted: %d", l.Accepted))
	p.text(280, 50, "dim", fmt.Sprintf("= %d + %d + %d + %d + %d", l.Delivered, l.DeadLettered, l.Spooled, l.InFlight, l.Lost))
	p.hold(t, "life.svg", "The life of an event, with the fields of the ledger after a run with Kafka well, then refusing one topic, then away")
}

// span is a run, as its events tell.
type span struct {
	name, node  string
	depth       int
	begin, end  time.Time
	hasFailed   bool
	id, causeID string
	points      []time.Time // of what was published in it that is no run
}

// drawRequest draws the runs of one request over four nodes, beside the tree.
func drawRequest(t *testing.T) {
	rec := onextest.New(t)
	_, err := workflow.New(rec.Publisher(), "orchestrator-1").Orchestrate(t.Context(), workflow.Request{
		Workflow: "good", Documents: []stamping.Document{{ID: "d-1", Text: "All things flow."}, {ID: "d-2", Text: "Nothing stands still."}},
	})
	if err != nil {
		t.Fatal(err)
	}
	spans := spansOf(rec.Events())
	const left, right, top, row = 350, 740, 50, 26
	begin, length := spans[0].begin, spans[0].end.Sub(spans[0].begin)
	at := func(when time.Time) int { return left + int(when.Sub(begin)*(right-left)/length) }
	p := picture{width: 760, height: top + row*len(spans) + 40}
	p.text(20, 28, "big", "One request, four nodes")
	p.text(left, 28, "dim", "when each run was, and what it published")
	for i, s := range spans {
		y := top + row*i
		p.text(20+18*s.depth, y+14, "code", s.name)
		p.text(210, y+14, "dim", s.node)
		class := "good"
		if s.hasFailed {
			class = "bad"
		}
		p.add(`<rect x="%d" y="%d" width="%d" height="16" rx="3" class="%s"/>`, at(s.begin), y+2, at(s.end)-at(s.begin), class)
		for _, when := range s.points {
			p.add(`<circle cx="%d" cy="%d" r="3" class="head"/>`, at(when), y+10)
		}
	}
	p.text(20, p.height-14, "dim", fmt.Sprintf("%d events with one correlation id; each names the run that caused it. A dot is a state change or a metric.", len(rec.Events())))
	p.hold(t, "request.svg", "One request over four nodes: its runs, one below what caused it, and when each was")
}

// spansOf returns the runs in order, each below what caused it.
func spansOf(events []onextest.Event) (spans []*span) {
	byID := map[string]*span{}
	for _, e := range events {
		cause := byID[e.CausationID]
		switch p := e.Payload.(type) {
		case envelope.OperationStarted:
			s := &span{name: p.Operation, node: e.NodeID, begin: e.EventTimestamp, id: e.EventID.String(), causeID: e.CausationID}
			if cause != nil {
				s.depth = cause.depth + 1
			}
			byID[s.id] = s
			spans = append(spans, s)
		case envelope.OperationCompleted, envelope.OperationFailed:
			_, cause.hasFailed = p.(envelope.OperationFailed)
			cause.end = e.EventTimestamp
		default:
			cause.points = append(cause.points, e.EventTimestamp)
		}
	}
	return spans
}

// drawMethods draws what comes of a directive: methods, and the topics to which each was
// seen to publish.
func drawMethods(t *testing.T) {
	source, err := os.ReadFile("../stamping/stamper.go")
	if err != nil {
		t.Fatal(err)
	}
	directive := strings.Fields(regexp.MustCompile(`(?m)^//onex:operations.*$`).FindString(string(source)))
	rec := onextest.New(t)
	e := stamping.NewStamperEvents(rec.Publisher(), "stamper-1")
	ctx, id, doc := t.Context(), uuid.New(), stamping.Document{}
	calls := map[string]func() error{
		"PublishStampStarted":   func() error { return e.PublishStampStarted(ctx, id, doc) },
		"PublishStampCompleted": func() error { return e.PublishStampCompleted(ctx, id, stamping.Stamp{}, 0) },
		"PublishStampFailed":    func() error { return e.PublishStampFailed(ctx, id, errors.New("no"), 0) },
		"PublishMetricRecorded": func() error { return e.PublishMetricRecorded(ctx, "size", 1, "bytes") },
		"RunStamp": func() error {
			nothing := func(context.Context, stamping.Document) (s stamping.Stamp, err error) { return s, nil }
			_, err := e.RunStamp(ctx, doc, nothing)
			_, failed := e.RunStamp(ctx, doc, func(context.Context, stamping.Document) (s stamping.Stamp, err error) { return s, errors.New("no") })
			return errors.Join(err, check(failed != nil))
		},
	}
	p := picture{width: 900, height: 250}
	p.text(20, 28, "big", "the comment")
	p.text(270, 28, "big", "its methods")
	p.text(560, 28, "big", "their topics")
	p.add(`<rect x="10" y="42" width="220" height="%d" rx="6" class="box"/>`, 14+20*len(directive))
	for i, word := range directive {
		p.text(20+12*min(i, 1), 62+20*i, "code", word)
	}
	topics := rec.Publisher().Topics()
	slices.Sort(topics)
	y := func(i int) int { return 62 + 36*i }
	for i, topic := range topics {
		p.text(570, y(i), "code", topic)
	}
	typ := reflect.TypeOf(e)
	for i := range typ.NumMethod() {
		name := typ.Method(i).Name
		call, ok := calls[name]
		if !ok {
			t.Fatalf("there is a method %s", name)
		}
		rec.Reset()
		if err := call(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		p.text(280, y(i), "code", name)
		var seen []string
		for _, e := range rec.Events() {
			if !slices.Contains(seen, e.Topic) {
				seen = append(seen, e.Topic)
				p.arrow(440, y(i)-4, 560, y(slices.Index(topics, e.Topic))-4)
			}
		}
	}
	p.arrow(230, 90, 270, 90)
	p.hold(t, "methods.svg", "What comes of a comment on a struct: methods, and the topics that each publishes to")
}

func check(ok bool) error {
	if !ok {
		return errors.New("it did not fail")
	}
	return nil
}
