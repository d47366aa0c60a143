package onexhttp_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/example/stamping"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/onexhttp"
	"github.com/omninode-ai/onexevents/runtime/onextest"
)

const (
	id    = "11111111-2222-4333-8444-555555555555"
	trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	ofIt  = "4bf92f35-77b3-4da6-a3ce-929d0e0e4736"
)

// seen is what the handler behind the middleware has of a request.
type seen struct{ ctx, header, answer string }

func serve(t *testing.T, c onexhttp.Config, header string, h http.Header) (s seen) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header = h
	before := h.Clone()
	w := httptest.NewRecorder()
	c.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if id, ok := onex.CorrelationFromContext(r.Context()); ok {
			s.ctx = id.String()
		}
		s.header = strings.Join(r.Header.Values(header), " ")
	})).ServeHTTP(w, r)
	s.answer = w.Header().Get(header)
	if fmt.Sprint(before) != fmt.Sprint(h) {
		t.Errorf("the caller's header is now %v, and was %v", h, before)
	}
	return s
}

// A request is known by its header, or its trace, or a new id; what is invalid counts
// as none.
func TestMiddleware(t *testing.T) {
	for _, tt := range []struct {
		name   string
		header []string
		trace  []string
		want   string // "" for a new one
	}{
		{"an id", []string{id}, []string{trace}, id},
		{"an id in capitals", []string{strings.ToUpper(ofIt)}, nil, ofIt},
		{"an id without hyphens", []string{strings.ReplaceAll(id, "-", "")}, nil, id},
		{"an id in spaces", []string{" " + id + "\t"}, nil, id},
		{"an id twice", []string{id, id}, nil, id},
		{"two ids", []string{id, ofIt}, nil, ""},
		{"an id and nonsense", []string{id, "x"}, []string{trace}, ofIt},
		{"a list of ids", []string{id + ", " + id}, nil, ""},
		{"nothing", nil, nil, ""},
		{"empty", []string{""}, nil, ""},
		{"nonsense", []string{"'; DROP TABLE events; --"}, nil, ""},
		{"nonsense of the right length", []string{strings.Repeat("x", 36)}, nil, ""},
		{"a URN", []string{"urn:uuid:" + id}, nil, ""},
		{"in braces", []string{"{" + id + "}"}, nil, ""},
		{"in other marks", []string{"x" + id + "x"}, nil, ""},
		{"the nil UUID", []string{uuid.Nil.String()}, nil, ""},
		{"something long", []string{strings.Repeat(id, 10_000)}, nil, ""},
		{"a trace", nil, []string{trace}, ofIt},
		{"a trace beside nonsense", []string{"x"}, []string{trace}, ofIt},
		{"a trace twice", nil, []string{trace, trace}, ofIt},
		{"two traces", nil, []string{trace, strings.Replace(trace, "4b", "4c", 1)}, ""},
		{"a trace of a later version", nil, []string{"cc" + trace[2:] + "-what-comes"}, ofIt},
		{"a later version, and no hyphen", nil, []string{"cc" + trace[2:] + "x"}, ""},
		{"a trace of version 00, and more", nil, []string{trace + "-more"}, ""},
		{"a trace of no version", nil, []string{"ff" + trace[2:]}, ""},
		{"a trace in capitals", nil, []string{strings.ToUpper(trace)}, ""},
		{"a trace of zeros", nil, []string{"00-00000000000000000000000000000000-00f067aa0ba902b7-01"}, ""},
		{"a parent of zeros", nil, []string{"00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"}, ""},
		{"a trace cut off", nil, []string{trace[:54]}, ""},
		{"a trace with other hyphens", nil, []string{strings.ReplaceAll(trace, "-", "_")}, ""},
		{"a trace that is not hex", nil, []string{strings.Replace(trace, "4bf9", "4bg9", 1)}, ""},
		{"a parent that is not hex", nil, []string{strings.Replace(trace, "00f0", "00g0", 1)}, ""},
		{"flags that are not hex", nil, []string{trace[:53] + "zz"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := http.Header{}
			h["X-Correlation-Id"], h["Traceparent"] = tt.header, tt.trace
			got := serve(t, onexhttp.Config{}, "X-Correlation-ID", h)
			want := tt.want
			if parsed, err := uuid.Parse(got.ctx); want == "" && err == nil && parsed.Version() == 4 && !slices.Contains([]string{id, ofIt, uuid.Nil.String()}, got.ctx) {
				want = got.ctx
			}
			if got.ctx != want || got.header != want || got.answer != want {
				t.Errorf("the context has %q, the header %q and the answer %q; want %q", got.ctx, got.header, got.answer, want)
			}
		})
	}
}

// Two requests without an id are two requests.
func TestNewIDs(t *testing.T) {
	if a, b := serve(t, onexhttp.Config{}, "X-Correlation-ID", nil), serve(t, onexhttp.Config{}, "X-Correlation-ID", nil); a.ctx == b.ctx || a.ctx == "" {
		t.Errorf("both have %q", a.ctx)
	}
}

// The header is one of the program's choice, in both directions.
func TestHeaderOfChoice(t *testing.T) {
	c := onexhttp.Config{Header: "x-request-id"}
	got := serve(t, c, "X-Request-ID", http.Header{"X-Request-Id": {id}, "X-Correlation-Id": {ofIt}})
	if want := (seen{id, id, id}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := sent(t, c.RoundTripper, onex.ContextWithCorrelation(context.Background(), uuid.MustParse(id)), nil); got.Get("X-Request-ID") != id || got.Get("X-Correlation-ID") != "" {
		t.Errorf("sent %v", got)
	}
}

// roundTrip is a transport that does what it says.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// sent returns the header that a request has on its way.
func sent(t *testing.T, wrap func(http.RoundTripper) http.RoundTripper, ctx context.Context, h http.Header) (got http.Header) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost/", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = h
	before := fmt.Sprint(h)
	_, err = wrap(roundTrip(func(r *http.Request) (*http.Response, error) {
		got = r.Header
		return nil, io.EOF
	})).RoundTrip(r)
	if err != io.EOF {
		t.Errorf("the transport says %v, and its base EOF", err)
	}
	if fmt.Sprint(r.Header) != before {
		t.Errorf("the caller's header is now %v, and was %s", r.Header, before)
	}
	return got
}

// A request has the id of its context, and without one is left alone.
func TestRoundTripper(t *testing.T) {
	ctx := onex.ContextWithCorrelation(context.Background(), uuid.MustParse(id))
	for _, tt := range []struct {
		name string
		ctx  context.Context
		h    http.Header
		want string
	}{
		{"the context's", ctx, http.Header{}, id},
		{"the context's, without any header", ctx, nil, id},
		{"the context's, in place of another", ctx, http.Header{"X-Correlation-Id": {"x", "y"}}, id},
		{"the context's, and it is there", ctx, http.Header{"X-Correlation-Id": {id}}, id},
		{"none", context.Background(), nil, ""},
		{"the request's", context.Background(), http.Header{"X-Correlation-Id": {"x"}}, "x"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.Join(sent(t, onexhttp.RoundTripper, tt.ctx, tt.h).Values("X-Correlation-ID"), " "); got != tt.want {
				t.Errorf("sent %q, want %q", got, tt.want)
			}
		})
	}
}

// closer is a transport with connections.
type closer struct {
	http.RoundTripper
	closed bool
}

func (c *closer) CloseIdleConnections() { c.closed = true }

func TestCloseIdleConnections(t *testing.T) {
	c := &closer{}
	(&http.Client{Transport: onexhttp.RoundTripper(c)}).CloseIdleConnections()
	if !c.closed {
		t.Error("the connections stay open")
	}
	(&http.Client{Transport: onexhttp.RoundTripper(roundTrip(nil))}).CloseIdleConnections() // and this has none
}

// A request that comes in, the events of its handler, and the request that the handler
// makes, have one correlation id: from one service to the next.
func TestThroughTwoServices(t *testing.T) {
	rec := onextest.New(t)
	stamper := stamping.NewStamper(rec.Publisher(), "s-1")
	inner := httptest.NewServer(onexhttp.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = stamper.Stamp(r.Context(), stamping.Document{ID: "d-1", Text: "All things flow."})
	})))
	defer inner.Close()
	client := &http.Client{Transport: onexhttp.RoundTripper(nil)}
	outer := httptest.NewServer(onexhttp.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ask, err := http.NewRequestWithContext(r.Context(), http.MethodGet, inner.URL, nil)
		if err != nil {
			t.Error(err)
			return
		}
		resp, err := client.Do(ask)
		if err != nil {
			t.Error(err)
			return
		}
		_ = resp.Body.Close()
	})))
	defer outer.Close()

	ask, err := http.NewRequestWithContext(t.Context(), http.MethodGet, outer.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	ask.Header.Set(onexhttp.DefaultHeader, id)
	resp, err := http.DefaultClient.Do(ask)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if got := resp.Header.Get(onexhttp.DefaultHeader); got != id {
		t.Errorf("the answer has %q", got)
	}
	want := uuid.MustParse(id)
	rec.RequireExactly(onextest.Started("stamp").Correlation(want), onextest.Metric("document_size", 16).Correlation(want),
		onextest.Started("digest").Correlation(want), onextest.Completed("digest").Correlation(want), onextest.Completed("stamp").Correlation(want))
}

func FuzzHeaders(f *testing.F) {
	f.Add(id, trace)
	f.Fuzz(func(t *testing.T, header, trace string) {
		h := http.Header{"X-Correlation-Id": {header}, "Traceparent": {trace}}
		got := serve(t, onexhttp.Config{}, "X-Correlation-ID", h)
		if parsed, err := uuid.Parse(got.ctx); err != nil || parsed == uuid.Nil || got.header != got.ctx || got.answer != got.ctx {
			t.Errorf("%+v", got)
		}
	})
}
