package onextest_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/example/stamping"
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

// A table stays one: of a long list it has what is around the first difference, and a
// text with lines and columns of its own does not break it.
func TestTableOfMuch(t *testing.T) {
	var want []onextest.Want
	got := failure(func(t testing.TB) {
		rec := onextest.New(t)
		node := onex.NewNode(rec.Publisher(), "n\n1", onex.NodeSpec{Type: "effect", Service: "a"})
		for i := range 1000 {
			want = append(want, onextest.Metric("m\tn\n", float64(i)))
			_ = onex.MetricRecorded(context.Background(), node, "m\tn\n", float64(i), "u")
		}
		if lines := strings.Count(rec.Tree(), "\n"); lines != 1001 {
			t.Errorf("the tree has %d lines", lines)
		}
		rec.RequireExactly(slices.Delete(want, 500, 501)...)
	})
	for _, line := range []string{"     …     485 rows before", `   > 501   metric m\tn\n = 500 u   metric m\tn\n = 501`, "     …     465 rows behind"} {
		if !strings.Contains(got, "\n"+line) {
			t.Errorf("the table has no line %q:\n%s", line, got)
		}
	}
	if lines := strings.Split(got[strings.Index(got, "came. The first"):], "\n     #"); len(lines) != 2 || strings.Count(lines[1], "\n") != 52 {
		t.Errorf("the table has %d lines", strings.Count(lines[1], "\n"))
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
