package onexprom_test

import (
	"context"
	"fmt"
	"io"
	"net/http/httptest"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/onexprom"
)

func Example() {
	pub, err := onex.NewPublisher(onex.Config{Disabled: true}) // and else with brokers
	if err != nil {
		fmt.Println(err)
		return
	}
	defer pub.Close(context.Background())

	registry := prometheus.NewRegistry() // or prometheus.MustRegister
	registry.MustRegister(onexprom.NewCollector(pub))
	metrics := promhttp.HandlerFor(registry, promhttp.HandlerOpts{})

	page := httptest.NewRecorder()
	metrics.ServeHTTP(page, httptest.NewRequest("GET", "/metrics", nil))
	text, _ := io.ReadAll(page.Body)
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "onex_health") {
			fmt.Print(line)
		}
	}
	// Output:
	// onex_health_up 1
}
