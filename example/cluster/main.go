// Cluster makes a cluster ready for a service whose node stamps documents: its user,
// its topics, and what the user may do. Then it is the service for a moment.
//
//	go run ./example/cluster
//
// It brings a broker of its own that wants passwords. With KAFKA_BOOTSTRAP_SERVERS set
// it uses that cluster; the environment's user has to be one who may do all that.
package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/example/stamping"
	"github.com/omninode-ai/onexevents/example/tally"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/topics"
)

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "cluster:", err)
		os.Exit(1)
	}
}

func run(out io.Writer) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	getenv, stop, err := environment(out)
	if err != nil {
		return err
	}
	defer stop()
	password := rand.Text()
	if err := prepare(ctx, out, getenv, password); err != nil {
		return err
	}
	return serve(ctx, out, as(getenv, user, password))
}

// environment is the process's, or else that of an embedded broker's administrator.
func environment(out io.Writer) (getenv func(string) string, stop func(), err error) {
	if servers := os.Getenv("KAFKA_BOOTSTRAP_SERVERS"); servers != "" {
		fmt.Fprintf(out, "Kafka at %s\n\n", servers)
		return os.Getenv, func() {}, nil
	}
	cluster, err := kfake.NewCluster(kfake.Ports(0), kfake.EnableSASL(), kfake.EnableACLs(), kfake.Superuser("SCRAM-SHA-512", "admin", "admin-secret"))
	if err != nil {
		return nil, nil, fmt.Errorf("start the embedded broker: %w", err)
	}
	fmt.Fprintf(out, "embedded Kafka at %s\n\n", strings.Join(cluster.ListenAddrs(), ","))
	embedded := map[string]string{
		"KAFKA_BOOTSTRAP_SERVERS": strings.Join(cluster.ListenAddrs(), ","),
		"KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
	}
	return as(func(name string) string { return embedded[name] }, "admin", "admin-secret"), cluster.Close, nil
}

// as returns the environment of another user. How to get to the brokers stays.
func as(getenv func(string) string, user, password string) func(string) string {
	of := map[string]string{
		"KAFKA_SASL_MECHANISM": "SCRAM-SHA-512", "KAFKA_SASL_USERNAME": user, "KAFKA_SASL_PASSWORD": password,
	}
	return func(name string) string { return cmp.Or(of[name], getenv(name)) }
}

// user is whom the service is known as.
const user = "stamping"

// prepare does what an administrator does once.
func prepare(ctx context.Context, out io.Writer, getenv func(string) string, password string) error {
	cfg, opts, err := onex.ConfigFrom(getenv)
	if err != nil {
		return err
	}
	cfg.Logger = slog.New(slog.DiscardHandler)
	pub, err := onex.NewPublisher(cfg, opts...)
	if err != nil {
		return err
	}
	defer pub.Close(ctx)
	stamping.NewStamper(pub, "stamper-1") // all nodes of the service: the publisher then knows their topics
	plan, err := pub.EnsureTopics(ctx, topics.Settings{Events: topics.Shape{Partitions: 3, Retention: 7 * 24 * time.Hour}})
	if err != nil {
		return err
	}
	fmt.Fprintln(out, plan)
	var names []string // those of dead letters too
	for _, change := range plan.Topics {
		names = append(names, change.Topic)
	}

	client, err := kgo.NewClient(opts...)
	if err != nil {
		return err
	}
	defer client.Close()
	return allow(ctx, kadm.NewClient(client), names, password)
}

// allow makes the service's user, who may write to these topics, and no more.
func allow(ctx context.Context, admin *kadm.Client, names []string, password string) error {
	users, err := admin.AlterUserSCRAMs(ctx, nil, []kadm.UpsertSCRAM{{
		User: user, Mechanism: kadm.ScramSha512, Iterations: 4096, Password: password,
	}})
	if err := errors.Join(err, users.Error()); err != nil {
		return fmt.Errorf("make the user: %w", err)
	}
	acls := kadm.NewACLs().Allow("User:"+user).Topics(names...).ResourcePatternType(kadm.ACLPatternLiteral).
		Operations(kadm.OpWrite, kadm.OpDescribe)
	results, err := admin.CreateACLs(ctx, acls)
	if err != nil {
		return fmt.Errorf("make ACLs: %w", err)
	}
	for _, r := range results {
		if r.Err != nil {
			return fmt.Errorf("make ACLs for %s: %w", r.Name, r.Err)
		}
	}
	return nil
}

// serve publishes as the service, to its own topics and to those of another one.
func serve(ctx context.Context, out io.Writer, getenv func(string) string) error {
	cfg, opts, err := onex.ConfigFrom(getenv)
	if err != nil {
		return err
	}
	denied := make(chan onex.Health, 1)
	cfg.OnHealth = func(h onex.Health) {
		if len(h.Topics) > 0 {
			select {
			case denied <- h:
			default:
			}
		}
	}
	cfg.Logger = slog.New(slog.DiscardHandler)
	pub, err := onex.NewPublisher(cfg, opts...)
	if err != nil {
		return err
	}
	_, _ = stamping.NewStamper(pub, "stamper-1").Stamp(ctx, stamping.Document{ID: "d-1", Text: "All things flow."})
	if err := pub.Flush(ctx); err != nil {
		return errors.Join(err, pub.Close(ctx))
	}
	fmt.Fprintf(out, "as %s: %d events delivered\n", user, pub.Ledger().Delivered)

	_, _ = tally.New(pub, "tally-1").Aggregate(ctx, nil)
	select {
	case h := <-denied:
		for topic, cause := range h.Topics {
			fmt.Fprintf(out, "to %s: %s\n", topic, cause)
		}
	case <-ctx.Done():
	}
	ended, end := context.WithCancel(ctx)
	end()
	_ = pub.Close(ended) // the tally's events are lost
	return ctx.Err()
}
