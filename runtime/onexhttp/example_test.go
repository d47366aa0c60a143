package onexhttp_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/omninode-ai/onexevents/example/stamping"
	"github.com/omninode-ai/onexevents/runtime/onexhttp"
	"github.com/omninode-ai/onexevents/runtime/onextest"
)

// What a handler does for a request has the request's correlation id.
func ExampleMiddleware() {
	rec := onextest.New(new(testing.T)) // in place of a publisher
	stamper := stamping.NewStamper(rec.Publisher(), "s-1")
	handler := onexhttp.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = stamper.Stamp(r.Context(), stamping.Document{ID: "d-2"})
	}))

	request := httptest.NewRequest(http.MethodPost, "/stamps", nil)
	request.Header.Set("X-Correlation-ID", "11111111-2222-4333-8444-555555555555")
	handler.ServeHTTP(httptest.NewRecorder(), request)
	fmt.Print(rec.Tree())
	// Output:
	// 11111111-2222-4333-8444-555555555555
	// └─ stamp (s-1) → failed: EmptyDocumentError
}
