package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/example/stamping"
	"github.com/omninode-ai/onexevents/runtime/onextest"
)

// A correlation id goes through both services, their log lines and their events; one
// that is none is replaced.
func TestOneCorrelationID(t *testing.T) {
	rec := onextest.New(t)
	var out bytes.Buffer
	if err := serveAndAsk(t.Context(), &out, stamping.NewStamper(rec.Publisher(), "s-1")); err != nil {
		t.Fatal(err)
	}
	first, second := "11111111-2222-4333-8444-555555555555", "66666666-7777-4888-8999-aaaaaaaaaaaa"
	rec.Require(
		onextest.Started("stamp").Correlation(uuid.MustParse(first)),
		onextest.Completed("stamp").Correlation(uuid.MustParse(first)),
		onextest.Failed("stamp").Correlation(uuid.MustParse(second)).ErrorType("EmptyDocumentError"),
	)
	events := rec.Events()
	third := events[len(events)-1].CorrelationID.String()
	for _, id := range []string{first, second, third} {
		for _, line := range []string{"service=gateway correlation_id=" + id, "correlation_id=" + id, id} { // of both services, and the answer
			if !strings.Contains(out.String(), line+"\n") {
				t.Errorf("no line ends with %s", line)
			}
		}
		if n := strings.Count(out.String(), id); n != 3 {
			t.Errorf("%s is there %d times, want 3", id, n)
		}
	}
	if third == first || third == second || strings.Contains(out.String(), "DROP TABLE") {
		t.Errorf("the third request has the id %s", third)
	}
	if t.Failed() {
		t.Log(out.String())
	}
}
