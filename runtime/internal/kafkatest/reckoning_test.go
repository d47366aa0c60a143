//go:build kafka

package kafkatest_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/envelope"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool"
	kafkacluster "github.com/omninode-ai/onexevents/testdata/kafka"
)

// reckoning is where events were found.
type reckoning struct {
	b      *bench
	places []places       // by the event's number
	last   map[uint64]int // by topic and key, the number that came last for the first time
	behind []string       // events that have been overtaken
	again  int            // records of events that had come before
}

// places says where one event was found.
type places struct{ arrived, letter, spooled, lost bool }

// reckon accounts for every event, after the last publisher was closed. The
// ledgers are those of all publishers that there were, in their order.
func (b *bench) reckon(ledgers ...onex.Ledger) *reckoning {
	b.t.Helper()
	r := b.newReckoning()
	r.read(b.topics()...)
	r.settle(ledgers...)
	return r
}

func (b *bench) newReckoning() *reckoning {
	return &reckoning{b: b, places: make([]places, len(b.events)), last: map[uint64]int{}}
}

// read counts what is in topics, and in their dead-letter topics if there are.
// Further events may have been published since it was called before.
func (r *reckoning) read(topics ...string) {
	r.b.t.Helper()
	r.places = append(r.places, make([]places, len(r.b.events)-len(r.places))...)
	for _, topic := range topics {
		r.consume(topic, r.arrive)
		r.consume(topic+".dlq", r.deadLetter)
	}
}

// settle compares what was found with the ledgers.
func (r *reckoning) settle(ledgers ...onex.Ledger) {
	r.b.t.Helper()
	r.readSpool()
	for _, loss := range r.b.losses {
		if n, ok := r.b.numberOf(loss.EventID); ok {
			r.places[n].lost = true
		}
	}
	accepted, nowhere, refused := 0, 0, 0
	var delivered, letters, spooled, lost int64
	for n, p := range r.places {
		if r.b.events[n].accepted {
			accepted++
		} else if p != (places{}) {
			refused++
		}
		switch {
		case p.spooled:
			spooled++
		case p.letter:
			letters++
		case p.lost:
			lost++
		case p.arrived:
			delivered++
		case r.b.events[n].accepted:
			nowhere++
		}
	}
	// What one publisher left in the spool, the next one has delivered.
	got := onex.Ledger{Accepted: int64(accepted), Delivered: delivered, DeadLettered: letters, Spooled: spooled, Lost: lost}
	sum := onex.Ledger{}
	for i, g := range ledgers {
		if g.Accepted != g.Delivered+g.DeadLettered+g.Spooled+g.InFlight+g.Lost {
			r.b.t.Errorf("the ledger does not add up: %+v", g)
		}
		sum.Accepted += g.Accepted
		sum.Delivered += g.Delivered
		sum.DeadLettered += g.DeadLettered
		sum.InFlight += g.InFlight
		sum.Lost += g.Lost
		if i > 0 {
			sum.Accepted -= ledgers[i-1].Spooled
		}
		sum.Spooled = g.Spooled
	}
	if sum != got {
		r.b.t.Errorf("the ledger says %+v\n           found %+v", sum, got)
	}
	if nowhere > 0 || refused > 0 || len(r.b.losses) > 0 {
		r.b.t.Errorf("of %d accepted events %d are nowhere and %d were reported as lost, %d were refused and yet came", accepted, nowhere, len(r.b.losses), refused)
	}
	r.checkOrder()
	r.b.t.Logf("%d events: %d delivered, %d dead letters, %d in the spool; %d records came again", accepted, delivered, letters, spooled, r.again)
}

// checkOrder reports events that were overtaken by others of their key. One
// that went another way too is out of order by design.
func (r *reckoning) checkOrder() {
	r.b.t.Helper()
	if n := len(r.behind); n > 0 {
		r.b.t.Errorf("%d events were overtaken: %s", n, r.behind[:min(n, 5)])
	}
}

// arrive counts a record of a topic.
func (r *reckoning) arrive(rec *kgo.Record) {
	env, err := envelope.Decode(rec.Value)
	if err != nil {
		r.b.t.Errorf("%v in %s", err, rec.Value)
		return
	}
	n, ok := r.find(env.EventID, rec.Topic, string(rec.Key))
	if !ok {
		return
	}
	if r.places[n].arrived {
		r.again++
		return
	}
	r.places[n].arrived = true
	e := r.b.events[n]
	lane := uint64(e.topic)<<32 | uint64(e.key)
	last, any := r.last[lane]
	if any && n < last {
		r.behind = append(r.behind, fmt.Sprintf("%d by %d of %s in %s", n, last, rec.Key, rec.Topic))
		return
	}
	r.last[lane] = n
}

// deadLetter counts a record of a dead-letter topic.
func (r *reckoning) deadLetter(rec *kgo.Record) {
	letter, err := envelope.DecodeDeadLetter(rec.Value)
	if err != nil {
		r.b.t.Errorf("%v in %s", err, rec.Value)
		return
	}
	env, err := envelope.Decode(letter.OriginalData)
	if err != nil {
		r.b.t.Errorf("%v in %s", err, rec.Value)
		return
	}
	if n, ok := r.find(env.EventID, letter.OriginalTopic, string(rec.Key)); ok {
		if r.places[n].letter {
			r.again++
		}
		r.places[n].letter = true
	}
}

// find returns the number of an event that has to be of a topic and a key.
func (r *reckoning) find(id uuid.UUID, topic, key string) (number int, ok bool) {
	n, ok := r.b.numberOf(id)
	if !ok {
		r.b.t.Errorf("nobody has published the event %s in %s", id, topic)
		return 0, false
	}
	if e := r.b.events[n]; e.accepted && (r.b.names[e.topic] != topic || r.b.names[e.key] != key) {
		r.b.t.Errorf("event %d of %s and %s is in %s with %s", n, r.b.names[e.topic], r.b.names[e.key], topic, key)
	}
	return n, true
}

// consume reads a topic to its present end, if it exists.
func (r *reckoning) consume(topic string, count func(*kgo.Record)) {
	r.b.t.Helper()
	ctx := patience(r.b.t, 5*time.Minute)
	client, err := kgo.NewClient(r.b.Seeds(kafkacluster.Plaintext), kgo.ConsumeTopics(topic))
	if err != nil {
		r.b.t.Fatal(err)
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	ends, err := admin.ListEndOffsets(ctx, topic)
	if err := errors.Join(err, ends.Error()); err != nil {
		if !errors.Is(err, kerr.UnknownTopicOrPartition) {
			r.b.t.Fatalf("%s: %v", topic, err)
		}
		return
	}
	starts, err := admin.ListStartOffsets(ctx, topic)
	if err := errors.Join(err, starts.Error()); err != nil {
		r.b.t.Fatalf("%s: %v", topic, err)
	}
	left := int64(0)
	ends.Each(func(o kadm.ListedOffset) { left += o.Offset })
	starts.Each(func(o kadm.ListedOffset) { left -= o.Offset })
	for left > 0 {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err0(); err != nil {
			r.b.t.Fatalf("%s: %v with %d records to read", topic, err, left)
		}
		left -= int64(fetches.NumRecords())
		fetches.EachRecord(count)
	}
}

// readSpool counts what is in the spool, which nobody else has any more.
func (r *reckoning) readSpool() {
	r.b.t.Helper()
	s, err := spool.Open(r.b.spoolDir)
	if err != nil {
		r.b.t.Fatal(err)
	}
	defer s.Close()
	backlog, err := s.Backlog()
	if err != nil {
		r.b.t.Fatal(err)
	}
	for _, topic := range backlog.Topics {
		events, err := s.Read(topic.Topic, 0, int(topic.Events))
		if err != nil || int64(len(events)) != topic.Events {
			r.b.t.Errorf("%d of %d events of %s are in the spool: %v", len(events), topic.Events, topic.Topic, err)
		}
		for _, e := range events {
			env, err := envelope.Decode(e.Value)
			if err != nil {
				r.b.t.Errorf("%v in %s", err, e.Value)
				continue
			}
			if n, ok := r.find(env.EventID, e.Topic, string(e.Key)); ok {
				r.places[n].spooled = true
			}
		}
	}
}
