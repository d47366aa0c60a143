// Http runs two services that talk HTTP, and shows that one correlation id goes through
// both, their log lines and their events:
//
//	go run ./example/http
//
// It brings a broker of its own. With KAFKA_BOOTSTRAP_SERVERS set it uses that cluster.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/omninode-ai/onexevents/example/broker"
	"github.com/omninode-ai/onexevents/example/stamping"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/onexhttp"
	"github.com/omninode-ai/onexevents/runtime/topics"
)

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "http:", err)
		os.Exit(1)
	}
}

func run(out io.Writer) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cfg, opts, stop, err := broker.Find(out)
	if err != nil {
		return err
	}
	defer stop()
	pub, err := onex.NewPublisher(cfg, opts...)
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, pub.Close(ctx))
		fmt.Fprintf(out, "\n%d events delivered\n", pub.Ledger().Delivered)
	}()
	stamper := stamping.NewStamper(pub, "stamper-1")
	if _, err := pub.EnsureTopics(ctx, topics.Settings{}); err != nil {
		return err
	}
	return serveAndAsk(ctx, out, stamper)
}

// serveAndAsk starts both services and sends them requests.
func serveAndAsk(ctx context.Context, out io.Writer, stamper *stamping.Stamper) error {
	log := slog.New(onex.LogHandler(slog.NewTextHandler(out, &slog.HandlerOptions{ReplaceAttr: withoutTime})))
	inner, err := serve(stamps(stamper, log.With("service", "stamps")))
	if err != nil {
		return err
	}
	defer inner.Close()
	outer, err := serve(gateway("http://"+inner.Addr, log.With("service", "gateway")))
	if err != nil {
		return err
	}
	defer outer.Close()

	for _, r := range []struct{ header, body string }{
		{"11111111-2222-4333-8444-555555555555", `{"id": "d-1", "text": "All things flow."}`},
		{"66666666-7777-4888-8999-aaaaaaaaaaaa", `{"id": "d-2"}`},
		{"'; DROP TABLE events; --", `{"id": "d-3", "text": "Nothing stands still."}`},
	} {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+outer.Addr, strings.NewReader(r.body))
		if err != nil {
			return err
		}
		request.Header.Set(onexhttp.DefaultHeader, r.header)
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		_ = answer.Body.Close()
		fmt.Fprintf(out, "\n%s: %s, %s\n\n", r.body, answer.Status, answer.Header.Get(onexhttp.DefaultHeader))
	}
	return nil
}

// serve serves on loopback, at the address that the server has.
func serve(h http.Handler) (*http.Server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	server := &http.Server{Addr: l.Addr().String(), Handler: h, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(l) }() // until it is closed
	return server, nil
}

// withoutTime leaves the time out of log lines, which are then the same in every run.
func withoutTime(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}
