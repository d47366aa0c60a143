package onextest_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/envelope"
	"github.com/omninode-ai/onexevents/example/stamping"
	"github.com/omninode-ai/onexevents/example/workflow"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/onextest"
)

// fake is a test that is expected to fail.
type fake struct {
	testing.TB
	text string
}

func (*fake) Helper() {}

func (f *fake) Fatalf(format string, args ...any) {
	f.text = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// failure returns what a test says that fails, "" if it does not.
func failure(test func(t testing.TB)) string {
	f := &fake{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		test(f)
	}()
	<-done
	return f.text
}

var _ onex.ReceivedEvent = onextest.Event{} // what follows from it can be published

var doc = stamping.Document{ID: "d-1", Text: "All things flow."}

// stamped has a node stamp a document and fail at another.
func stamped(t testing.TB) *onextest.Recorder {
	rec := onextest.New(t)
	s := stamping.NewStamper(rec.Publisher(), "s-1")
	ctx := context.Background()
	if _, err := s.Stamp(ctx, doc); err != nil {
		t.Error(err)
	}
	if _, err := s.Stamp(ctx, stamping.Document{ID: "d-2"}); err == nil {
		t.Error("an empty document was stamped")
	}
	return rec
}

var (
	started   = onextest.Started("stamp")
	metric    = onextest.Metric("document_size", 16)
	completed = onextest.Completed("stamp")
	failed    = onextest.Failed("stamp")
	all       = []onextest.Want{started, metric, onextest.Started("digest"), onextest.Completed("digest"), completed, started, failed}
)

// What the assertions hold for, and what they say if they do not.
func TestAssertions(t *testing.T) {
	backwards := slices.Clone(all)
	slices.Reverse(backwards)
	for _, tt := range []struct {
		name  string
		check func(*onextest.Recorder)
		want  string // in the text; "" for none
	}{
		{"in order", func(r *onextest.Recorder) { r.Require(started, metric, completed, failed) }, ""},
		{"nothing is in order", func(r *onextest.Recorder) { r.Require() }, ""},
		{"the same want twice", func(r *onextest.Recorder) { r.Require(started, started) }, ""},
		{"the same want too often", func(r *onextest.Recorder) { r.Require(started, started, started) }, "there is no “started stamp” behind event 6"},
		{"not in order", func(r *onextest.Recorder) { r.Require(completed, metric) }, "there is no “metric document_size = 16” behind event 5"},
		{"exactly", func(r *onextest.Recorder) { r.RequireExactly(all...) }, ""},
		{"exactly, one more", func(r *onextest.Recorder) { r.RequireExactly(all[:6]...) }, "event 7, “failed stamp: EmptyDocumentError”, is not wanted"},
		{"exactly, one less", func(r *onextest.Recorder) { r.RequireExactly(append(slices.Clip(all), metric)...) }, "there is no “metric document_size = 16” at the end"},
		{"exactly, another", func(r *onextest.Recorder) { r.RequireExactly(started, started) }, "of event 2, it is “metric”, and “started” is wanted"},
		{"exactly none", func(r *onextest.Recorder) { r.RequireExactly() }, "event 1, “started stamp”, is not wanted"},
		{"any order", func(r *onextest.Recorder) { r.RequireAnyOrder(backwards...) }, ""},
		{"any order, each its own", func(r *onextest.Recorder) { r.RequireAnyOrder(metric, metric) }, "there is no “metric document_size = 16” beside the others"},
		{"any order, the vague one first", func(r *onextest.Recorder) { r.RequireAnyOrder(onextest.Want{}, started, started) }, ""},
		{"none", func(r *onextest.Recorder) {
			r.RequireNone(onextest.Failed("digest"), onextest.Metric("document_size", 17))
		}, ""},
		{"none, and one came", func(r *onextest.Recorder) { r.RequireNone(failed) }, "1 event came that must not"},
		{"none at all", func(r *onextest.Recorder) { r.RequireNone() }, "7 events came that must not"},
		{"ends", func(r *onextest.Recorder) { r.RequireEnds() }, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := failure(func(t testing.TB) { tt.check(stamped(t)) })
			if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
				t.Errorf("the test says %q, want %q in it", got, tt.want)
			}
		})
	}
}

// A test that fails shows what came instead, and where the first difference is.
func TestTable(t *testing.T) {
	got := failure(func(t testing.TB) {
		stamped(t).Require(started, onextest.Metric("document_size", 17).Unit("bytes"), completed)
	})
	want := `onextest: 3 events wanted in this order, with any others between; 7 came. The first difference: ` +
		`there is no “metric document_size = 17 in bytes” behind event 1; of event 2, it is “= 16”, and “= 17” is wanted
     #   came                               wanted
     1   started stamp                      started stamp
   > -   -                                  metric document_size = 17 in bytes
     -   -                                  completed stamp
     2   metric document_size = 16 bytes
     3   started digest
     4   completed digest
     5   completed stamp
     6   started stamp
     7   failed stamp: EmptyDocumentError`
	if got != want {
		t.Errorf("the test says\n%s\nwant\n%s", got, want)
	}
	got = failure(func(t testing.TB) { onextest.New(t).RequireAnyOrder(failed) })
	if want := "there is no “failed stamp”"; !strings.Contains(got, want) {
		t.Errorf("without events it says %q, want %q in it", got, want)
	}
}

// level is a state with a name.
type level int

func (l level) String() string { return [...]string{"low", "high"}[l] }

// A want can be as narrow as is needed.
func TestWants(t *testing.T) {
	rec := onextest.New(t)
	pub := rec.Publisher()
	node := onex.NewNode(pub, "n-1", onex.NodeSpec{Type: "reducer", Service: "a"})
	op := onex.NewOperation[onex.None, onex.None](node, "x")
	id, other := uuid.MustParse("11111111-2222-4333-8444-555555555555"), uuid.Max
	ctx := onex.ContextWith(context.Background(), onex.WithCorrelationID(id), onex.WithCausationID("c"), onex.WithPartitionKey("k"),
		onex.WithMetadata(map[string]any{"n": 1, "list": []string{"a"}}), onex.Durable())
	for _, err := range []error{
		op.Failed(ctx, id, errors.New("password=hunter2 is wrong"), time.Second),
		onex.StateChanged(ctx, node, id, level(0), level(1), "the tide"),
		onex.MetricRecorded(context.Background(), node, "m", 1.5, "u"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	failed, state, metric := onextest.Failed("x"), onextest.StateChanged(level(0), level(1)), onextest.Metric("m", 1.5)
	rec.RequireExactly(failed, state, metric)
	for i, tt := range []struct{ right, wrong onextest.Want }{
		{failed, onextest.Failed("y")},
		{failed, onextest.Completed("x")},
		{state, onextest.StateChanged(level(1), level(0))},
		{onextest.StateChanged("low", "high"), onextest.StateChanged("low", "low")},
		{metric, onextest.Metric("m", 1)},
		{onextest.Type("reducer.x.failed"), onextest.Type("reducer.x.started")},
		{failed.Version(1), failed.Version(2)},
		{failed.Node("n-1"), failed.Node("n-2")},
		{failed.Correlation(id), failed.Correlation(other)},
		{metric.Correlation(uuid.Nil), metric.Correlation(id)},
		{failed.Causation("c"), failed.Causation("")},
		{metric.Causation(""), metric.Causation("c")},
		{failed.ErrorType("error"), failed.ErrorType("quota")},
		{failed.ErrorMessage("password=*** is wrong"), failed.ErrorMessage("password=hunter2 is wrong")},
		{state.Reason("the tide"), state.Reason("")},
		{metric.Unit("u"), metric.Unit("")},
		{failed.Key("k"), failed.Key(id.String())},
		{failed.Topic("dev.a.reducer.x.failed.v1"), failed.Topic("dev.a.reducer.x.failed.v2")},
		{failed.Durable(), metric.Durable()},
		{failed.Metadata("n", 1), failed.Metadata("n", "1")},
		{failed.Metadata("list", []string{"a"}), failed.Metadata("list", []string{"b"})},
		{metric.Metadata("n", nil), failed.Metadata("n", nil)},
		{failed.Metadata("n", 1).Metadata("list", []string{"a"}), failed.Metadata("n", 1).Metadata("m", 1)},
	} {
		rec.Require(tt.right)
		rec.RequireNone(tt.wrong)
		if tt.right.String() == "" || tt.right.String() == tt.wrong.String() {
			t.Errorf("%d: the wants are called %q and %q", i, tt.right, tt.wrong)
		}
	}
}

// Each started has one end, however its events come.
func TestEnds(t *testing.T) {
	id := uuid.Max
	for _, tt := range []struct {
		name    string
		publish func(ctx context.Context, op *onex.Operation[onex.None, onex.None]) error
		want    string
	}{
		{"two at once", func(ctx context.Context, op *onex.Operation[onex.None, onex.None]) error {
			return errors.Join(op.Started(ctx, id, onex.None{}), op.Started(ctx, id, onex.None{}), op.Completed(ctx, id, onex.None{}, 1), op.Failed(ctx, id, errors.New("no"), 1))
		}, ""},
		{"no end", func(ctx context.Context, op *onex.Operation[onex.None, onex.None]) error {
			return op.Started(ctx, id, onex.None{})
		}, "event 1, “started x”, has no end"},
		{"no start", func(ctx context.Context, op *onex.Operation[onex.None, onex.None]) error {
			return errors.Join(op.Completed(ctx, id, onex.None{}, 1), op.Started(ctx, id, onex.None{}), op.Completed(ctx, id, onex.None{}, 1))
		}, "event 1, “completed x”, has no start"},
		{"of another correlation", func(ctx context.Context, op *onex.Operation[onex.None, onex.None]) error {
			return errors.Join(op.Started(ctx, id, onex.None{}), op.Completed(ctx, uuid.MustParse("11111111-2222-4333-8444-555555555555"), onex.None{}, 1))
		}, "event 2, “completed x”, has no start"},
		{"a second end", func(ctx context.Context, op *onex.Operation[onex.None, onex.None]) error {
			return onex.RunBare(ctx, op, func(ctx context.Context) error { return op.Completed(ctx, id, onex.None{}, 1) })
		}, "event 3, “completed x”, is a second end: event 1 has ended at event 2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := failure(func(t testing.TB) {
				rec := onextest.New(t)
				node := onex.NewNode(rec.Publisher(), "n-1", onex.NodeSpec{Type: "effect", Service: "a"})
				if err := tt.publish(context.Background(), onex.NewOperation[onex.None, onex.None](node, "x")); err != nil {
					t.Error(err)
				}
				rec.RequireEnds()
			})
			if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
				t.Errorf("the test says %q, want %q in it", got, tt.want)
			}
		})
	}
}

// Whatever a node is given, its operations end as often as they start.
func FuzzEnds(f *testing.F) {
	f.Add("d-1", "All things flow.")
	f.Add("", "")
	f.Fuzz(func(t *testing.T, id, text string) {
		rec := onextest.New(t)
		_, _ = stamping.NewStamper(rec.Publisher(), "s-1").Stamp(context.Background(), stamping.Document{ID: id, Text: text})
		rec.RequireEnds()
	})
}

// A publisher that fails is one that fails, and is right again when it is told so.
func TestFailures(t *testing.T) {
	rec := onextest.New(t)
	events := stamping.NewStamperEvents(rec.Publisher(), "s-1")
	ctx, publish := context.Background(), func() error { return events.PublishStampStarted(context.Background(), uuid.Max, doc) }
	for _, fault := range []error{onex.ErrQueueFull, onex.ErrNoSpool, errors.New("of the test's own")} {
		rec.Fail(fault)
		if err := publish(); !errors.Is(err, fault) || !strings.HasPrefix(err.Error(), "onex: publish effect.stamp.started: ") {
			t.Errorf("error %v, want %v", err, fault)
		}
	}
	rec.RequireNone()
	rec.Fail(nil)
	if err := publish(); err != nil {
		t.Error(err)
	}
	if err := errors.Join(rec.Publisher().Flush(ctx), rec.Publisher().Close(ctx), rec.Publisher().Close(ctx)); err != nil {
		t.Error(err)
	}
	if err := publish(); !errors.Is(err, onex.ErrClosed) {
		t.Errorf("closed, it answers %v", err)
	}
	rec.RequireExactly(started)
	if got, want := rec.Publisher().Ledger(), (onex.Ledger{Accepted: 1, Delivered: 1, Rejected: 4}); got != want {
		t.Errorf("ledger %+v, want %+v", got, want)
	}
	rec.Reset()
	rec.RequireNone()
}

// What a publisher refuses for the event's own sake, a recorder's refuses too, by the
// program's settings.
func TestSettings(t *testing.T) {
	var log strings.Builder
	rec := onextest.NewConfig(t, onex.Config{Namespace: "prod", MaxEventBytes: 900, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	events := stamping.NewStamperEvents(rec.Publisher(), "s-1")
	if err := events.PublishMetricRecorded(context.Background(), "m", 1, strings.Repeat("x", 900)); !errors.Is(err, onex.ErrTooLarge) {
		t.Errorf("error %v", err)
	}
	rec.Fail(onex.ErrQueueFull)
	_, _ = events.RunStamp(context.Background(), doc, func(context.Context, stamping.Document) (stamping.Stamp, error) { return stamping.Stamp{}, nil })
	if n := strings.Count(log.String(), "event not published"); n != 2 {
		t.Errorf("%d lines in the log:\n%s", n, &log)
	}
	if got := rec.Publisher().Topics(); len(got) != 4 || got[0] != "prod.stamping.effect.metric.recorded.v1" {
		t.Errorf("topics %q", got)
	}
	if text := failure(func(t testing.TB) { onextest.NewConfig(t, onex.Config{Namespace: "ä"}) }); !strings.Contains(text, "cannot begin a topic") {
		t.Errorf("a wrong setting: %q", text)
	}
	if h := rec.Publisher().Health(); !h.Up {
		t.Errorf("health %+v", h)
	}
}

// In a bubble the program's own time passes at once, and nothing waits for a
// recorder.
func TestSynctest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := onextest.NewConfig(t, onex.Config{Now: time.Now})
		events := stamping.NewStamperEvents(rec.Publisher(), "s-1")
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				_, _ = events.RunStamp(t.Context(), doc, func(context.Context, stamping.Document) (stamping.Stamp, error) {
					time.Sleep(time.Hour)
					return stamping.Stamp{}, nil
				})
			})
		}
		wg.Wait()
		rec.RequireEnds()
		for _, e := range rec.Events() {
			if p, ok := e.Payload.(envelope.OperationCompleted); ok && p.ExecutionTimeMS != 3_600_000 {
				t.Errorf("it took %v ms", p.ExecutionTimeMS)
			}
		}
		if n := len(rec.Events()); n != 16 {
			t.Errorf("%d events, want 16", n)
		}
	})
}

// A recorder and its publisher have no goroutine.
func TestNoGoroutines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // which would end with a deadlock if there was one
		onextest.New(t).RequireNone()
		before := runtime.NumGoroutine()
		stamped(t)
		if n := runtime.NumGoroutine(); n > before {
			t.Errorf("%d goroutines, and %d before", n, before)
		}
	})
}

// A recorder has the same events, to the byte, as a real publisher delivers, and the
// same assertions hold for them.
func TestSameAsKafka(t *testing.T) {
	for name, profile := range map[string]onex.Profile{"V1": onex.ProfileV1, "2": onex.Profile2} {
		t.Run(name, func(t *testing.T) { sameAsKafka(t, onex.Config{Profile: profile}) })
	}
}

func sameAsKafka(t *testing.T, cfg onex.Config) {
	cluster, err := kfake.NewCluster(kfake.Ports(0), kfake.NumBrokers(1), kfake.AllowAutoTopicCreation())
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	work := func(pub *onex.Publisher) {
		ctx := onex.ContextWith(context.Background(), onex.WithPartitionKey("k"), onex.WithMetadata(map[string]any{"tenant": "t-1"}))
		_, _ = stamping.NewStamper(pub, "s-1").Stamp(ctx, doc)
		_, _ = stamping.NewStamper(pub, "s-1").Stamp(ctx, stamping.Document{ID: "d-2"})
		o := workflow.NewOrchestratorEvents(pub, "o-1")
		if err := o.PublishStateChanged(onex.ContextWithCorrelation(ctx, uuid.Max), uuid.Nil, "idle", "busy", "work"); err != nil {
			t.Error(err)
		}
	}
	mine, theirs := onextest.NewConfig(t, cfg), onextest.NewConfig(t, cfg)
	work(mine.Publisher())

	pub, err := onex.NewPublisher(theirs.Config(), kgo.SeedBrokers(cluster.ListenAddrs()...))
	if err != nil {
		t.Fatal(err)
	}
	work(pub)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	topics := pub.Topics()
	if err := pub.Close(ctx); err != nil {
		t.Fatal(err)
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.ConsumeTopics(topics...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	var records []*kgo.Record
	for len(records) < len(mine.Events()) {
		fetches := client.PollFetches(ctx)
		if err := ctx.Err(); err != nil {
			t.Fatalf("%d records: %v", len(records), err)
		}
		records = append(records, fetches.Records()...)
	}
	read := onextest.New(t)
	for _, r := range records {
		read.Record(r.Topic, r.Key, r.Value)
	}
	// Topics have no common order; the ids do.
	sorted := read.Events()
	slices.SortFunc(sorted, func(a, b onextest.Event) int { return strings.Compare(a.EventID.String(), b.EventID.String()) })
	for _, e := range sorted {
		theirs.Record(e.Topic, []byte(e.Key), e.Wire())
	}

	for _, rec := range []*onextest.Recorder{mine, theirs} {
		rec.RequireExactly(append(slices.Clip(all), onextest.StateChanged("idle", "busy").Correlation(uuid.Max))...)
		rec.RequireAnyOrder(failed.ErrorType("EmptyDocumentError").Metadata("tenant", "t-1"))
		rec.RequireEnds()
	}
	for i, e := range mine.Events() {
		other := theirs.Events()[i]
		if (len(e.Headers) > 0) != (cfg.Profile == onex.Profile2) || cfg.Profile == onex.Profile2 && e.Headers["correlation_id"] != e.CorrelationID.String() {
			t.Errorf("event %d has the headers %v", i+1, e.Headers)
		}
		if e.Topic != other.Topic || e.Key != other.Key || string(e.Wire()) != string(other.Wire()) {
			t.Errorf("event %d\n%s %s %s\nis on Kafka\n%s %s %s", i+1, e.Topic, e.Key, e.Wire(), other.Topic, other.Key, other.Wire())
		}
	}
	if mine.Tree() != theirs.Tree() {
		t.Errorf("the trees differ:\n%s\n%s", mine.Tree(), theirs.Tree())
	}
}

// A tree has every event once, also of what has another's cause, none, or itself.
func TestTree(t *testing.T) {
	rec := onextest.New(t)
	node := onex.NewNode(rec.Publisher(), "n-1", onex.NodeSpec{Type: "effect", Service: "a"})
	op := onex.NewOperation[onex.None, onex.None](node, "x")
	ctx := context.Background()
	cause := &envelope.V1{EventID: uuid.MustParse("11111111-2222-4333-8444-555555555555"), CorrelationID: &uuid.Max}
	for _, err := range []error{
		onex.RunBare(onex.ContextWithEvent(ctx, cause), op, func(ctx context.Context) error {
			return op.Completed(ctx, uuid.Nil, onex.None{}, 1, onex.WithMetadata(map[string]any{"end": 1}))
		}),
		onex.MetricRecorded(ctx, node, "m", 1, ""),
		onex.MetricRecorded(ctx, node, "m", 2, "u", onex.WithCausationID("00000000-0000-4000-8000-000000000005")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := `ffffffff-ffff-ffff-ffff-ffffffffffff
└─ x (n-1) caused by 11111111-2222-4333-8444-555555555555 → completed {"end":1}
   └─ completed x (n-1)
no correlation
├─ metric m = 1 (n-1)
└─ metric m = 2 u (n-1)
`
	if got := rec.Tree(); got != want {
		t.Errorf("the tree is\n%swant\n%s", got, want)
	}
}
