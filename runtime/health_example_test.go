package onex_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// OnHealth is told why events do not get to Kafka, as long as they wait.
func ExampleHealth() {
	causes := make(chan onex.Cause, 10)
	pub, err := onex.NewPublisher(onex.Config{
		OnHealth: func(h onex.Health) { causes <- h.Cause },
		Logger:   slog.New(slog.DiscardHandler),
	}, kgo.SeedBrokers("127.0.0.1:1"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(<-causes)
	if err := pub.Close(context.Background()); err != nil {
		log.Fatal(err)
	}
	fmt.Println(<-causes)
	// Output:
	// refused
	// closed
}

// A readiness probe succeeds also while Kafka is away.
func ExamplePublisher_HealthHandler() {
	away := make(chan onex.Health, 10)
	pub, err := onex.NewPublisher(onex.Config{
		OnHealth: func(h onex.Health) { away <- h },
		Logger:   slog.New(slog.DiscardHandler),
	}, kgo.SeedBrokers("127.0.0.1:1"))
	if err != nil {
		log.Fatal(err)
	}
	defer pub.Close(context.Background())
	mux := http.NewServeMux()
	mux.Handle("/readyz", pub.HealthHandler())
	server := httptest.NewServer(mux)
	defer server.Close()

	<-away
	resp, err := http.Get(server.URL + "/readyz")
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		log.Fatal(err)
	}
	var page struct {
		Up           bool
		Cause, Error string
		Since        time.Time
	}
	if err := json.Unmarshal(body, &page); err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.Status, page.Up, page.Cause)
	fmt.Println(page.Error)
	// Output:
	// 200 OK false refused
	// unable to dial: dial tcp 127.0.0.1:1: connect: connection refused
}
