package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/envelope"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool"
)

// crash is the program "crash dir": it publishes the story with no broker, begins
// an operation, and kills itself when all of that is on disk.
func crash() {
	if err := spoolStory(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	process, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = process.Kill()
	}
	fmt.Fprintln(os.Stderr, err)
	select {} // until it is killed
}

func spoolStory(dir string) error {
	sp, err := spool.Open(dir)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	l.Close() // so that connections are refused there
	cfg := storyConfig()
	cfg.Spool, cfg.SpoolAfter = sp, 10*time.Millisecond
	pub, err := onex.NewPublisher(cfg, kgo.SeedBrokers(l.Addr().String()))
	if err != nil {
		return err
	}
	if err := tellStory(pub); err != nil {
		return err
	}
	stamper := onex.NewNode(pub, "stamper-1", onex.NodeSpec{Type: "effect", Service: "stamping"})
	stamp := onex.NewOperation[document, onex.None](stamper, "stamp")
	if err := stamp.Started(context.Background(), storyID, document{}, onex.Durable()); err != nil {
		return err
	}
	return pub.Flush(testContext())
}

// hold is the command "hold dir": the script's own process has the spool, until
// the script ends.
func hold(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: hold dir")
	}
	sp, err := spool.Open(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Defer(func() { ts.Check(sp.Close()) })
}

// damage is the command "damage dir text": it changes the text wherever it
// stands in the spool's file.
func damage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: damage dir text")
	}
	path := filepath.Join(ts.MkAbs(args[0]), "events.db")
	content, err := os.ReadFile(path)
	ts.Check(err)
	damaged := bytes.ReplaceAll(content, []byte(args[1]), bytes.Repeat([]byte("#"), len(args[1])))
	if bytes.Equal(content, damaged) {
		ts.Fatalf("%s is not in %s", args[1], path)
	}
	ts.Check(os.WriteFile(path, damaged, 0o600))
}

// plant is the command "plant dir": it makes a spool that has an event in its own topic,
// another one in somebody else's, and nonsense.
func plant(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: plant dir")
	}
	sp, err := spool.Open(ts.MkAbs(args[0]))
	ts.Check(err)
	env, err := envelope.Wrap(storyID, envelope.MetricRecorded{NodeID: "n1", NodeType: "effect", RecordedAt: time.Now(), MetricName: "m", MetricUnit: "u"}, "effect", "stamping")
	ts.Check(err)
	value, err := env.AppendJSON(nil)
	ts.Check(err)
	_, err = sp.Append([]onex.Spooled{
		{Seq: 1, Topic: "dev.stamping.effect.metric.recorded.v1", Value: value, At: time.Now()},
		{Seq: 2, Topic: "dev.payments.v1", Value: value, At: time.Now()},
		{Seq: 3, Topic: "dev.payments.v1", Value: []byte("nonsense"), At: time.Now()},
	})
	ts.Check(errors.Join(err, sp.Close()))
}
