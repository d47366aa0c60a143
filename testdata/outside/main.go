// Outside is a service of a module outside of the repository: it stamps what comes by
// HTTP, and reacts to its own failures. It asks itself twice, and ends when it has
// reacted.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/envelope"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/onexhttp"
	"github.com/omninode-ai/onexevents/runtime/receive"
	"github.com/omninode-ai/onexevents/runtime/topics"
)

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "outside:", err)
		os.Exit(1)
	}
}

func run(out io.Writer) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cluster, err := kfake.NewCluster(kfake.Ports(0), kfake.NumBrokers(1))
	if err != nil {
		return err
	}
	defer cluster.Close()
	brokers := kgo.SeedBrokers(cluster.ListenAddrs()...)
	pub, err := onex.NewPublisher(onex.Config{Logger: slog.New(slog.DiscardHandler)}, brokers)
	if err != nil {
		return err
	}
	stamper := &Stamper{NewStamperEvents(pub, "stamper-1")}
	if _, err := pub.EnsureTopics(ctx, topics.Settings{}); err != nil {
		return errors.Join(err, pub.Close(ctx))
	}
	server := httptest.NewServer(handler(stamper, out))
	err = ask(ctx, out, server.URL)
	server.Close()
	if err := errors.Join(err, pub.Close(ctx)); err != nil {
		return err
	}
	fmt.Fprintf(out, "%d events delivered\n", pub.Ledger().Delivered)
	return react(ctx, out, brokers, pub.Topics())
}

// handler stamps what comes.
func handler(s *Stamper, out io.Writer) http.Handler {
	log := slog.New(onex.LogHandler(slog.NewTextHandler(out, nil)))
	return onexhttp.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var doc Document
		if err := json.NewDecoder(r.Body).Decode(&doc); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		stamp, err := s.Stamp(r.Context(), doc)
		if err != nil {
			log.WarnContext(r.Context(), err.Error())
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
			return
		}
		_ = json.NewEncoder(w).Encode(stamp)
	}))
}

// request is the correlation id of what is asked.
const request = "11111111-2222-4333-8444-555555555555"

func ask(ctx context.Context, out io.Writer, url string) error {
	for _, body := range []string{`{"id": "d-1", "text": "All things flow."}`, `{"id": "d-2"}`} {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
		if err != nil {
			return err
		}
		r.Header.Set(onexhttp.DefaultHeader, request)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return err
		}
		text, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s: %s", answer.Status, text)
	}
	return nil
}

// react reads events until a failure comes.
func react(ctx context.Context, out io.Writer, brokers kgo.Opt, names []string) error {
	client, err := kgo.NewClient(brokers, kgo.ConsumerGroup("alerts"), kgo.ConsumeTopics(names...),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.DisableAutoCommit(), kgo.BlockRebalanceOnPoll())
	if err != nil {
		return err
	}
	defer client.CloseAllowingRebalance()
	reacted := false
	mux := receive.NewMux(receive.Deduplicate(1000), receive.Retry(3, time.Second, time.Minute))
	receive.On(mux, StamperEventStampFailed, func(ctx context.Context, e receive.Event[envelope.OperationFailed]) error {
		id, _ := onex.CorrelationFromContext(ctx)
		fmt.Fprintf(out, "%s has failed: %s, in request %s\n", e.NodeID, e.Payload.ErrorType, id)
		reacted = true
		return nil
	})
	for !reacted {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return err
		}
		records := fetches.Records()
		for _, r := range records {
			if err := mux.Dispatch(ctx, receive.Record{Topic: r.Topic, Partition: r.Partition, Offset: r.Offset, Key: r.Key, Value: r.Value}); err != nil {
				return err
			}
		}
		if err := client.CommitRecords(ctx, records...); err != nil {
			return err
		}
		client.AllowRebalance()
	}
	return nil
}
