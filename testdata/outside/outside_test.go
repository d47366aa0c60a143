package main

import (
	"bytes"
	"io"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/omninode-ai/onexevents/runtime/onextest"
)

// What a request makes the node publish, without Kafka.
func TestRequest(t *testing.T) {
	rec := onextest.New(t)
	server := httptest.NewServer(handler(&Stamper{NewStamperEvents(rec.Publisher(), "s-1")}, io.Discard, noop.NewTracerProvider().Tracer("")))
	defer server.Close()
	if err := ask(t.Context(), io.Discard, server.URL); err != nil {
		t.Fatal(err)
	}
	id := uuid.MustParse(request)
	rec.RequireExactly(
		onextest.Started("stamp").Correlation(id),
		onextest.Metric("document_size", 16).Correlation(id),
		onextest.Completed("stamp").Correlation(id),
		onextest.Started("stamp").Correlation(id),
		onextest.Failed("stamp").Correlation(id).ErrorType("EmptyError"),
	)
	rec.RequireEnds()
}

// The whole service, with a broker in the process.
func TestService(t *testing.T) {
	var out bytes.Buffer
	if err := run(&out); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	for _, want := range []string{
		`200 OK: {"document":"d-1","size":16}`,
		`422 Unprocessable Entity: document "d-2" is empty`,
		"5 events delivered",
		"stamper-1 has failed: EmptyError, in request " + request,
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it does not print %q:\n%s", want, &out)
		}
	}
	// All that a request has brought about is in its trace: the run, what was sent, and
	// what was made of it.
	traces := regexp.MustCompile(`(?m)^a trace: POST, .*, stamp$`).FindAllString(out.String(), -1)
	if len(traces) != 2 || strings.Count(out.String(), "a trace: ") != 2 ||
		!strings.Contains(traces[0], "send dev.outside.effect.stamp.completed.v1") ||
		!strings.Contains(traces[1], "process dev.outside.effect.stamp.failed.v1") {
		t.Errorf("the traces are %q", traces)
	}
}
