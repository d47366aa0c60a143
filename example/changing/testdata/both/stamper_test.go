package both

import (
	"testing"

	"github.com/omninode-ai/onexevents/runtime/onextest"
)

func TestBothVersions(t *testing.T) {
	rec := onextest.New(t)
	s := NewStamper(rec.Publisher(), "s-1")
	if _, err := s.Stamp(t.Context(), DocumentV2{ID: "d-1", Pages: []string{"…"}}); err != nil {
		t.Fatal(err)
	}
	rec.RequireExactly(
		onextest.Started("stamp").Version(2), onextest.Started("stamp").Version(1),
		onextest.Completed("stamp").Version(1), onextest.Completed("stamp").Version(2),
	)
}
