package events

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/envelope"
	"github.com/omninode-ai/onexevents/runtime/topics"
)

var storyID = uuid.MustParse("550e8400-e29b-41d4-a716-446655440000")

// caused is an event with a number, which event cause (0: none) has caused.
func caused(t *testing.T, number, cause byte, p envelope.Payload) Event {
	t.Helper()
	env, err := envelope.Wrap(uuid.UUID{number}, p, "effect", "a")
	if err != nil {
		t.Fatal(err)
	}
	env.CorrelationID = &storyID
	if cause > 0 {
		id := uuid.UUID{cause}.String()
		env.CausationID = &id
	}
	value, err := env.AppendJSON(nil)
	if err != nil {
		t.Fatal(err)
	}
	e := New(&kgo.Record{Value: value}, topics.Letters{Suffix: ".dlq"})
	if e.fault != nil {
		t.Fatal(e.fault)
	}
	return e
}

func TestTree(t *testing.T) {
	at := func(ms int) time.Time { return time.UnixMilli(int64(ms)) }
	started := func(op string, ms int) envelope.Payload {
		return envelope.OperationStarted{Operation: op, CorrelationID: storyID, NodeID: "n", StartedAt: at(ms), InputSummary: envelope.Summary{}}
	}
	completed := func(op string, ms int) envelope.Payload {
		return envelope.OperationCompleted{Operation: op, CorrelationID: storyID, NodeID: "n", CompletedAt: at(ms), ExecutionTimeMS: 1, ResultSummary: envelope.Summary{}}
	}
	for name, tt := range map[string]struct {
		events []Event
		want   string
	}{
		"not finished, and in another order, and twice": {
			[]Event{
				caused(t, 2, 1, started("b", 2)), caused(t, 1, 0, started("a", 1)), caused(t, 3, 2, completed("b", 3)), caused(t, 2, 1, started("b", 2)),
			}, `
└─ effect.a n +0.000 ms not finished
   └─ effect.b n +1.000 ms completed in 1.000 ms
`,
		},
		"the cause was not seen": {
			[]Event{caused(t, 3, 9, completed("b", 3))}, `
└─ effect.b.completed n +0.000 ms completed in 1.000 ms (caused by 09000000-0000-0000-0000-000000000000, which was not seen)
`,
		},
		"what another operation completes is no end": {
			[]Event{caused(t, 1, 0, started("a", 1)), caused(t, 2, 1, completed("b", 2)), caused(t, 3, 1, completed("a", 3)), caused(t, 4, 1, completed("a", 4))}, `
└─ effect.a n +0.000 ms completed in 1.000 ms
   ├─ effect.b.completed n +1.000 ms completed in 1.000 ms
   └─ effect.a.completed n +3.000 ms completed in 1.000 ms
`,
		},
		"events that have caused each other": {
			[]Event{caused(t, 1, 2, started("a", 1)), caused(t, 2, 1, started("b", 2)), caused(t, 3, 3, started("c", 3))}, `
└─ effect.c n +2.000 ms not finished
└─ effect.a n +0.000 ms not finished
   └─ effect.b n +1.000 ms not finished
`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			var all Traces
			for _, e := range tt.events {
				all.Add(e)
			}
			trees := all.Trees()
			if len(trees) != 1 {
				t.Fatalf("%d trees", len(trees))
			}
			var b strings.Builder
			trees[0].Draw(&b, false)
			_, got, _ := strings.Cut(strings.TrimPrefix(b.String(), "\n"), "\n")
			if got != strings.TrimPrefix(tt.want, "\n") {
				t.Errorf("got\n%s", got)
			}
		})
	}
}

// However long a chain of causes is, it is drawn, and not wider and wider.
func TestTreeDeep(t *testing.T) {
	var all Traces
	id := func(n int) uuid.UUID { return uuid.UUID{byte(n >> 8), byte(n), 1} }
	for n := range 30_000 {
		cause := id(n - 1).String()
		all.Add(Event{At: time.UnixMilli(int64(n)), Env: &envelope.Event{ID: id(n), CorrelationID: storyID, CausationID: cause, Type: fmt.Sprint("t", n)}})
	}
	var b strings.Builder
	all.Trees()[0].Draw(&b, false)
	if !strings.Contains(b.String(), "t29999 ") {
		t.Error("the last one is missing")
	}
	if b.Len() > 30_000*500 {
		t.Errorf("%d bytes", b.Len())
	}
}
