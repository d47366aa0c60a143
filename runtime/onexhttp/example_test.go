package onexhttp_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/example/stamping"
	onex "github.com/omninode-ai/onexevents/runtime"
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

// The way of a correlation id through two services, under a header of the house's own.
func ExampleConfig() {
	correlation := onexhttp.Config{Header: "X-Request-ID"}
	backend := httptest.NewServer(correlation.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, _ := onex.CorrelationFromContext(r.Context())
		fmt.Println("backend:", id)
	})))
	defer backend.Close()
	client := &http.Client{Transport: correlation.RoundTripper(nil)}

	frontend := correlation.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		request, err := http.NewRequestWithContext(r.Context(), http.MethodGet, backend.URL, nil)
		if err != nil {
			log.Fatal(err)
		}
		response, err := client.Do(request)
		if err != nil {
			log.Fatal(err)
		}
		response.Body.Close()
	}))
	request := httptest.NewRequest(http.MethodPost, "/", nil)
	request.Header.Set("X-Request-ID", "11111111-2222-4333-8444-555555555555")
	frontend.ServeHTTP(httptest.NewRecorder(), request)
	// Output: backend: 11111111-2222-4333-8444-555555555555
}

// Requests that go out under a context with a correlation id have it in a header.
func ExampleRoundTripper() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println(onexhttp.DefaultHeader+":", r.Header.Get(onexhttp.DefaultHeader))
	}))
	defer server.Close()
	client := &http.Client{Transport: onexhttp.RoundTripper(http.DefaultTransport)}
	ctx := onex.ContextWithCorrelation(context.Background(), uuid.MustParse("11111111-2222-4333-8444-555555555555"))
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, nil)
	if err != nil {
		log.Fatal(err)
	}
	response, err := client.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	response.Body.Close()
	// Output: X-Correlation-ID: 11111111-2222-4333-8444-555555555555
}
