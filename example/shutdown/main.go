// Shutdown is a service that stamps documents until it gets SIGTERM or SIGINT:
//
//	go run ./example/shutdown
//
// Its events wait in a spool while Kafka is away; the next start delivers them. It
// brings a broker of its own. With KAFKA_BOOTSTRAP_SERVERS set it uses that cluster,
// which may be away. Its flags:
//
//	-spool FOLDER  where events wait; default in the folder for temporary files
//	-sigterm TIME  send SIGTERM to itself after this time, as orchestrators do; default never
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/omninode-ai/onexevents/example/broker"
	"github.com/omninode-ai/onexevents/example/stamping"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool"
	"github.com/omninode-ai/onexevents/runtime/topics"
)

func main() {
	folder := flag.String("spool", filepath.Join(os.TempDir(), "onexevents-example.spool"), "where events wait")
	after := flag.Duration("sigterm", 0, "send SIGTERM to itself after this time")
	flag.Parse()
	if *after > 0 {
		time.AfterFunc(*after, terminate)
	}
	if err := run(os.Stdout, *folder); err != nil {
		fmt.Fprintln(os.Stderr, "shutdown:", err)
		os.Exit(1)
	}
}

// terminate does what an orchestrator does.
func terminate() {
	if p, err := os.FindProcess(os.Getpid()); err == nil {
		_ = p.Signal(syscall.SIGTERM)
	}
}

// grace is how long the publisher may deliver after SIGTERM. An orchestrator kills what
// takes longer than it allows, which is 30 s in Kubernetes by default.
const grace = 2 * time.Second

func run(out io.Writer, folder string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	cfg, opts, stopBroker, err := broker.Find(out)
	if err != nil {
		return err
	}
	defer stopBroker()

	events, err := spool.Open(folder)
	if err != nil {
		return err
	}
	cfg.Spool = events // the publisher's from now on, which closes it
	cfg.SpoolAfter = time.Second
	cfg.Logger = slog.New(slog.DiscardHandler)
	cfg.OnLoss = func(l onex.Loss) { fmt.Fprintf(out, "lost: %s (%s)\n", l.EventType, l.Reason) }
	pub, err := onex.NewPublisher(cfg, opts...)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d events of an earlier process are in the spool\n", pub.Ledger().Accepted)
	serve(ctx, out, pub)
	return shutDown(out, pub)
}

// serve stamps documents until ctx ends. Whether Kafka is there is no concern of it.
func serve(ctx context.Context, out io.Writer, pub *onex.Publisher) {
	s := stamping.NewStamper(pub, "stamper-1")
	go func() {
		_, _ = pub.EnsureTopics(ctx, topics.Settings{}) // without Kafka, this waits
	}()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-tick.C:
			_, _ = s.Stamp(ctx, stamping.Document{ID: fmt.Sprint("d-", n), Text: "All things flow."})
			if n == 0 {
				fmt.Fprintln(out, "the first document is stamped")
			}
		case <-ctx.Done():
			return
		}
	}
}

// shutDown delivers what it can in time. The rest is on disk when it returns.
func shutDown(out io.Writer, pub *onex.Publisher) error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	begin := time.Now()
	err := pub.Close(ctx)
	var rest *onex.CloseError
	if errors.As(err, &rest) && rest.Lost == 0 {
		err = nil // the next start delivers what is in the spool
	}
	l := pub.Ledger()
	fmt.Fprintf(out, "closed in %v: %d accepted = %d delivered + %d in the spool + %d lost\n",
		time.Since(begin).Round(time.Millisecond), l.Accepted, l.Delivered, l.Spooled, l.Lost)
	return err
}
