package onex_test

import (
	"context"
	"errors"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/envelope"
	onex "github.com/omninode-ai/onexevents/runtime"
)

// Ten deep and in parallel, however they end: each run has one started event
// and one last one, the correlation of the outermost, and the run around it as
// its cause.
func TestRunsNestedInParallel(t *testing.T) {
	const depth, goroutines = 10, 12
	broker := startKafka(t)
	pub := newPublisher(t, onex.Config{}, broker)
	op := operation(pub, "effect", "x")
	ways := []func() error{
		func() error { return nil },
		func() error { return errors.New("no") },
		func() error { panic("boom") },
		func() error { runtime.Goexit(); return nil },
	}
	var nest func(ctx context.Context, level int, end func() error) error
	nest = func(ctx context.Context, level int, end func() error) error {
		return onex.RunBare(ctx, op, func(ctx context.Context) error {
			if level == depth {
				return end()
			}
			return nest(ctx, level+1, end)
		})
	}
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			defer func() { _ = recover() }()
			ctx, cancel := context.WithCancel(context.Background())
			if g%2 == 0 {
				cancel()
			}
			defer cancel()
			_ = nest(ctx, 1, ways[g%len(ways)])
		})
	}
	wg.Wait()
	if err := pub.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}

	type run struct {
		cause string
		ends  int
	}
	runs := map[string]*run{}                     // by the id of the started event
	requests := map[uuid.UUID]map[string]string{} // the runs by their causes, by correlation
	all := consume(t, broker, 2*depth*goroutines)
	for _, r := range all {
		if started, ok := r.payload.(envelope.OperationStarted); ok {
			cause := ""
			if r.env.CausationID != nil {
				cause = *r.env.CausationID
			}
			runs[r.env.EventID.String()] = &run{cause: cause}
			if requests[started.CorrelationID] == nil {
				requests[started.CorrelationID] = map[string]string{}
			}
			requests[started.CorrelationID][cause] = r.env.EventID.String()
		}
	}
	for _, r := range all {
		if _, ok := r.payload.(envelope.OperationStarted); !ok {
			runs[*r.env.CausationID].ends++
		}
	}
	for id, r := range runs {
		if r.ends != 1 {
			t.Errorf("run %s has %d last events", id, r.ends)
		}
	}
	if len(requests) != goroutines {
		t.Errorf("%d correlations, want %d", len(requests), goroutines)
	}
	for correlation, next := range requests {
		levels := 0
		for id, ok := next[""]; ok; id, ok = next[id] {
			levels++
		}
		if levels != depth {
			t.Errorf("correlation %s: %d levels, want %d", correlation, levels, depth)
		}
	}
}

// A panic goes through a run with its value, and with the stack on which it
// arose.
func TestRunKeepsThePanicsStack(t *testing.T) {
	value := &struct{ n int }{42}
	defer func() {
		if cause := recover(); cause != value {
			t.Errorf("the panic's value is %v", cause)
		}
		if stack := string(debug.Stack()); !strings.Contains(stack, "runtime_test.explode(") {
			t.Errorf("the stack does not show where it arose:\n%s", stack)
		}
	}()
	_ = onex.RunBare(testContext(t), operation(newPublisher(t, onex.Config{}, noKafka(t)), "effect", "x"), func(context.Context) error {
		return explode(value)
	})
}

//go:noinline
func explode(value any) error { panic(value) }
