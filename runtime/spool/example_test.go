package spool_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool"
)

// What one process has put into the spool is there for the next.
func Example() {
	dir, err := os.MkdirTemp("", "spool")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	dir = filepath.Join(dir, "stamper")

	events, err := spool.Open(dir, spool.MaxBytes(100<<20), spool.MaxAge(24*time.Hour))
	if err != nil {
		log.Fatal(err)
	}
	_, err = events.Append([]onex.Spooled{
		{Seq: 1, Topic: "dev.stamping.effect.stamp.started.v1", Value: []byte(`{"event_id":…}`), At: time.Now(), Operation: "stamp d-1"},
		{Seq: 2, Topic: "dev.stamping.effect.metric.recorded.v1", Value: []byte(`{"event_id":…}`), At: time.Now()},
	})
	if err != nil {
		log.Fatal(err) // nothing of it is in the spool
	}
	if err := events.Close(); err != nil {
		log.Fatal(err)
	}

	if events, err = spool.Open(dir); err != nil {
		log.Fatal(err)
	}
	defer events.Close()
	backlog, err := events.Backlog()
	if err != nil {
		log.Fatal(err)
	}
	for _, topic := range backlog.Topics {
		undelivered, err := events.Read(topic.Topic, 0, 100)
		if err != nil {
			log.Fatal(err)
		}
		for _, e := range undelivered {
			fmt.Printf("event %d for %s: %s\n", e.Seq, e.Topic, e.Value)
			if err := events.Remove(e.Topic, e.Seq); err != nil {
				log.Fatal(err)
			}
		}
	}
	lost, err := events.Unfinished()
	if err != nil {
		log.Fatal(err)
	}
	for _, e := range lost {
		fmt.Printf("%s was started and never finished\n", e.Operation)
		if err := events.Finish(e.Operation); err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// event 2 for dev.stamping.effect.metric.recorded.v1: {"event_id":…}
	// event 1 for dev.stamping.effect.stamp.started.v1: {"event_id":…}
	// stamp d-1 was started and never finished
}

// The next version of a program waits until the one before has let go of the spool.
func ExampleWait() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	before, err := spool.Open(dir)
	if err != nil {
		log.Fatal(err)
	}
	go before.Close() // when it is told to end

	events, err := spool.Open(dir, spool.Wait(time.Minute))
	if err != nil {
		log.Fatal(err)
	}
	defer events.Close()
	fmt.Println("the spool is ours")
	// Output: the spool is ours
}
