package onex_test

import (
	"encoding/json"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// page asks a publisher's handler.
func page(t *testing.T, pub *onex.Publisher) map[string]any {
	t.Helper()
	w := httptest.NewRecorder()
	pub.HealthHandler().ServeHTTP(w, httptest.NewRequest("GET", "/readyz", nil))
	if w.Code != 200 || w.Header().Get("Content-Type") != "application/json" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("status %d, headers %v", w.Code, w.Header())
	}
	var got map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatalf("%v in %s", err, w.Body)
	}
	if since, ok := got["since"].(string); ok {
		if _, err := time.Parse(time.RFC3339, since); err != nil {
			t.Error(err)
		}
		got["since"] = "then"
	}
	return got
}

// A probe succeeds whatever Kafka does, and reads what is wrong without
// secrets.
func TestHealthHandler(t *testing.T) {
	changes := newHealths()
	mask := func(s string) string { return strings.ReplaceAll(s, "connection refused", "***") }
	addr := noKafka(t)
	pub := newPublisher(t, onex.Config{OnHealth: changes.add, Mask: mask}, addr, kgo.UnknownTopicRetries(1), kgo.MetadataMinAge(10*time.Millisecond))
	changes.down(t, onex.CauseRefused)
	got := page(t, pub)
	if text, _ := got["error"].(string); !strings.HasSuffix(text, addr+": connect: ***") {
		t.Errorf("error %q", text)
	}
	delete(got, "error")
	if want := map[string]any{"up": false, "cause": "refused", "since": "then"}; !reflect.DeepEqual(got, want) {
		t.Errorf("page %v, want %v", got, want)
	}

	startKafkaAt(t, addr)
	changes.up(t)
	if got, want := page(t, pub), map[string]any{"up": true, "since": "then"}; !reflect.DeepEqual(got, want) {
		t.Errorf("page %v, want %v", got, want)
	}

	if got, want := page(t, nil), map[string]any{"up": false, "cause": "other", "error": "there is no publisher"}; !reflect.DeepEqual(got, want) {
		t.Errorf("page of a nil publisher %v, want %v", got, want)
	}
}
