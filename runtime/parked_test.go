package onex_test

import (
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// A topic that goes on suffering is tried more and more rarely, whatever else
// happens meanwhile, and as often as in the beginning once it has been well.
func TestTopicIsTriedMoreRarely(t *testing.T) {
	k := newKafka(t).start()
	l := newLoad(t)
	pub := newPublisher(t, l.config(nil), k.addr(), quick()...)
	l.use(pub)
	times := &times{}
	handle := k.cluster.Fault(kfake.Fault{
		Keys: []kmsg.Key{kmsg.Produce}, Topic: l.topic, Err: kerr.TopicAuthorizationFailed, Count: -1, When: times.note,
	})
	l.some(1)
	for ctx := testContext(t); handle.Hits() < 4; pause(ctx) {
		if ctx.Err() != nil {
			t.Fatalf("%d attempts", handle.Hits())
		}
		l.some(1) // each makes the publisher look at the topic
	}
	between := times.between()
	for i, least := range []time.Duration{180 * time.Millisecond, 370 * time.Millisecond, 750 * time.Millisecond} {
		if between[i] < least {
			t.Errorf("%v between the attempts, want at least %v", between, least)
		}
	}
	handle.Remove()
	if err := pub.Flush(testContext(t)); err != nil {
		t.Fatal(err)
	}
	times.forget()
	handle = k.cluster.Fault(kfake.Fault{
		Keys: []kmsg.Key{kmsg.Produce}, Topic: l.topic, Err: kerr.TopicAuthorizationFailed, Count: -1, When: times.note,
	})
	l.some(1)
	if err := handle.Wait(testContext(t), 2); err != nil {
		t.Fatal(err)
	}
	if b := times.between(); b[0] > time.Second {
		t.Errorf("%v between the attempts after the topic had been well", b)
	}
}

// times notes when something has happened.
type times struct {
	mu  sync.Mutex
	all []time.Time
}

func (s *times) note(kmsg.Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, time.Now())
	return true
}

func (s *times) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = nil
}

func (s *times) between() (between []time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := 1; i < len(s.all); i++ {
		between = append(between, s.all[i].Sub(s.all[i-1]).Round(time.Millisecond))
	}
	return between
}
