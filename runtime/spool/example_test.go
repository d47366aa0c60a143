package spool_test

import (
	"errors"
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

// A spool can be looked at before it is opened, and what is read from it and is no
// event of the program's can be put away.
func ExampleVerify() {
	dir, err := os.MkdirTemp("", "spool")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	noon := time.Date(2026, 11, 5, 12, 0, 0, 0, time.UTC)
	events, err := spool.Open(dir,
		spool.Now(func() time.Time { return noon }), // in a test
		spool.OnDamage(func(d spool.Damage) { log.Print("the disk has damaged the spool: ", d.Err) }))
	if err != nil {
		log.Fatal(err)
	}
	for seq, operation := range []string{"", "stamp d-1", "stamp d-2"} {
		_, err := events.Append([]onex.Spooled{{Seq: uint64(seq + 1), Topic: "dev.stamping.effect", Value: []byte("{}"), At: noon, Operation: operation}})
		if err != nil {
			log.Fatal(err)
		}
	}
	first, err := events.UnfinishedAfter("", 1) // page by page, where there may be many
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(first[0].Operation)

	read, err := events.Read("dev.stamping.effect", 0, 1)
	if err != nil {
		log.Fatal(err)
	}
	if err := events.Reject(read, []error{errors.New("no envelope")}); err != nil {
		log.Fatal(err)
	}
	if err := events.Remove("dev.stamping.effect", 1); err != nil {
		log.Fatal(err)
	}
	if err := events.Close(); err != nil {
		log.Fatal(err)
	}

	backlog, err := spool.Verify(dir) // an error says what is damaged
	fmt.Println(backlog.Topics[0].Events, err)
	_, unfinished, err := spool.Inspect(dir)
	fmt.Println(len(unfinished), err)
	// Output:
	// stamp d-1
	// 2 <nil>
	// 2 <nil>
}
