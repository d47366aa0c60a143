package onextest_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/example/stamping"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/onextest"
)

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
