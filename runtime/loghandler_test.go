package onex_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"strings"
	"testing"
	"testing/slogtest"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/example/stamping"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/onextest"
)

// timeless is a handler that writes lines without a time.
func timeless(b *bytes.Buffer) slog.Handler {
	return slog.NewJSONHandler(b, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == slog.LevelKey {
			return slog.Attr{}
		}
		return a
	}})
}

// What a context says stands at the top of each line that is logged under it, and in
// no line that is not.
func TestLogHandler(t *testing.T) {
	var b bytes.Buffer
	log := slog.New(onex.LogHandler(timeless(&b)))
	rec := onextest.New(t)
	events := stamping.NewStamperEvents(rec.Publisher(), "s-1")
	bare := context.Background()
	correlated := onex.ContextWithCorrelation(bare, id)
	_, _ = events.RunStamp(correlated, stamping.Document{}, func(ctx context.Context, _ stamping.Document) (stamping.Stamp, error) {
		log.InfoContext(ctx, "run", "n", 1)
		log.With("a", 1).WithGroup("g").With("b", 2).WithGroup("h").InfoContext(ctx, "groups", "n", 1)
		log.WithGroup("").InfoContext(ctx, "no group")
		return stamping.Stamp{}, nil
	})
	log.InfoContext(correlated, "correlated")
	log.InfoContext(onex.ContextWith(bare, onex.WithCausationID("c")), "caused")
	log.WithGroup("g").InfoContext(bare, "bare", "n", 1)
	log.Info("none")

	run := `"correlation_id":"` + id.String() + `","causation_id":"` + rec.Events()[0].EventID.String() + `","node_id":"s-1","operation":"stamp"`
	want := []string{
		`{"msg":"run","n":1,` + run + `}`,
		`{"msg":"groups","a":1,` + run + `,"g":{"b":2,"h":{"n":1}}}`,
		`{"msg":"no group",` + run + `}`,
		`{"msg":"correlated","correlation_id":"` + id.String() + `"}`,
		`{"msg":"caused","causation_id":"c"}`,
		`{"msg":"bare","g":{"n":1}}`,
		`{"msg":"none"}`,
	}
	if got := strings.Split(strings.TrimSpace(b.String()), "\n"); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the log has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// No key comes twice at the top of a line, which not every reader of logs takes: what the
// program says there is what counts, in groups both do.
func TestLogHandlerKeysOfTheProgram(t *testing.T) {
	var b bytes.Buffer
	log := slog.New(onex.LogHandler(timeless(&b)))
	ctx := onex.ContextWith(t.Context(), onex.WithCorrelationID(id), onex.WithCausationID("c"))
	log.InfoContext(ctx, "line", "causation_id", "own", "n", 1)
	log.With("causation_id", "own").InfoContext(ctx, "with")
	log.With("causation_id", "own").WithGroup("g").InfoContext(ctx, "group", "correlation_id", "own")
	correlation := `"correlation_id":"` + id.String() + `"`
	want := strings.Join([]string{
		`{"msg":"line","causation_id":"own","n":1,` + correlation + `}`,
		`{"msg":"with","causation_id":"own",` + correlation + `}`,
		`{"msg":"group","causation_id":"own",` + correlation + `,"g":{"correlation_id":"own"}}`,
	}, "\n") + "\n"
	if got := b.String(); got != want {
		t.Errorf("the log has\n%swant\n%s", got, want)
	}
}

// The handler keeps what the handler of slog has to keep, with a context that says
// something and with one that does not.
func TestLogHandlerIsAHandler(t *testing.T) {
	for name, ctx := range map[string]context.Context{"bare": context.Background(), "correlated": onex.ContextWithCorrelation(context.Background(), id)} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			slogtest.Run(t, func(*testing.T) slog.Handler {
				b.Reset()
				return &under{onex.LogHandler(slog.NewJSONHandler(&b, nil)), ctx}
			}, func(t *testing.T) (line map[string]any) {
				if err := json.Unmarshal(b.Bytes(), &line); err != nil {
					t.Fatal(err)
				}
				if got, want := line["correlation_id"], any(id.String()); name == "correlated" && got != want {
					t.Errorf("the line has the correlation id %v", got)
				}
				return line
			})
		})
	}
}

// under is a handler that has all lines with a context.
type under struct {
	slog.Handler
	ctx context.Context
}

func (u *under) Handle(_ context.Context, r slog.Record) error { return u.Handler.Handle(u.ctx, r) }

func (u *under) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &under{u.Handler.WithAttrs(attrs), u.ctx}
}

func (u *under) WithGroup(name string) slog.Handler { return &under{u.Handler.WithGroup(name), u.ctx} }

// Lines that are written for a request say which one it was.
func ExampleLogHandler() {
	h := slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})
	log := slog.New(onex.LogHandler(h))
	ctx := onex.ContextWithCorrelation(context.Background(), uuid.MustParse("11111111-2222-4333-8444-555555555555"))
	log.InfoContext(ctx, "stamped", "document", "d-1")
	// Output: level=INFO msg=stamped document=d-1 correlation_id=11111111-2222-4333-8444-555555555555
}
