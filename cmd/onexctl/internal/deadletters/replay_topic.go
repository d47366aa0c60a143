package deadletters

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/cluster"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/wire"
	"github.com/omninode-ai/onexevents/envelope"
	onex "github.com/omninode-ai/onexevents/runtime"
)

// How much goes into one transaction: little enough to be done soon, much
// enough not to wait for each event.
const (
	batchLetters = 100
	batchBytes   = 1 << 20
)

// errAllRead ends the reading of a topic.
var errAllRead = errors.New("all is read")

// topic replays the dead letters of one topic that are wanted. From its
// beginning on, another replay of the same topic that was under way cannot do
// anything more, and what it has done shows in the markers.
func (r *replay) topic(ctx context.Context, name string) error {
	t := &replayer{replay: r, id: transactionalID(name)}
	if err := t.renew(ctx); err != nil {
		return err
	}
	defer t.close()
	reader, err := cluster.NewReader(ctx, r.opts, cluster.Scope{
		Topics: func(topic string) bool { return topic == name },
		Begin:  cluster.Begin{At: firsts(r.wanted[name])},
		ToEnd:  true,
	}, r.warn)
	if err != nil {
		return err
	}
	defer reader.Close()
	var batch []parcel
	bytes, left := 0, len(r.wanted[name])
	err = reader.Read(ctx, func(records []*kgo.Record) error {
		for _, record := range records {
			if !r.wanted[name][cluster.PositionOf(record)] {
				continue
			}
			id, _ := reader.ID(name)
			l := newLetter(record, id, cluster.Letters(r.cfg))
			left--
			if l.fault != nil {
				continue // the topic is another one now
			}
			p, err := newParcel(l, record, r.markers.replay(l))
			if err != nil {
				return err
			}
			if len(batch) > 0 && bytes+len(record.Value) > batchBytes {
				if err := t.deliver(ctx, batch); err != nil {
					return err
				}
				batch, bytes = nil, 0
			}
			batch, bytes = append(batch, p), bytes+len(record.Value)
			if len(batch) == r.atOnce() || left == 0 {
				if err := t.deliver(ctx, batch); err != nil {
					return err
				}
				batch, bytes = nil, 0
			}
		}
		if left == 0 {
			return errAllRead
		}
		return nil
	})
	switch {
	case errors.Is(err, errAllRead):
		return nil
	case err != nil:
		return err
	case ctx.Err() != nil:
		return ctx.Err()
	default:
		return t.deliver(ctx, batch) // some dead letters have expired meanwhile
	}
}

// firsts returns where what is wanted begins in its partitions.
func firsts(wanted map[cluster.Position]bool) map[cluster.Place]int64 {
	at := map[cluster.Place]int64{}
	for p := range wanted {
		if first, ok := at[p.Place]; !ok || p.Offset < first {
			at[p.Place] = p.Offset
		}
	}
	return at
}

// atOnce are how many events are replayed at once.
func (r *replay) atOnce() int {
	if r.rate > 0 {
		return min(r.rate, batchLetters)
	}
	return batchLetters
}

// throttle waits until so many more events may be replayed.
func (r *replay) throttle(ctx context.Context, events int) error {
	if r.rate == 0 {
		return nil
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Until(r.next)):
	}
	r.next = time.Now().Add(time.Duration(events) * time.Second / time.Duration(r.rate))
	return nil
}

func transactionalID(topic string) string { return "onexctl.replay." + topic }

// parcel is what is written for one dead letter.
type parcel struct {
	letter *letter
	event  *kgo.Record // nil if it is discarded
	mark   *kgo.Record
}

// newParcel makes the event's record as its publisher made it, with the headers
// that the dead letter has kept, but for those that make it a dead letter. Of a
// consumer's, none are the event's; then they are made of the event.
func newParcel(l *letter, record, mark *kgo.Record) (parcel, error) {
	dead, err := wire.DeadLetter(record.Value)
	if err != nil {
		return parcel{}, err
	}
	event := &kgo.Record{Topic: originalTopic(dead, record.Topic), Key: []byte(dead.OriginalKey), Value: dead.OriginalData}
	if dead.Consumers {
		if dead.OriginalKey == "" {
			event.Key = nil
		}
		event.Headers, err = headersOf(dead, record)
		return parcel{l, event, mark}, err
	}
	if dead.OriginalKey == "" {
		event.Key = record.Key // which may be none
	}
	for _, h := range record.Headers {
		if !slices.Contains(onex.DeadLetterHeaders(), h.Key) {
			event.Headers = append(event.Headers, h)
		}
	}
	return parcel{l, event, mark}, nil
}

// headersOf returns the headers that the bus gives to an event (envelope/contract-2.md,
// section 3); an OnexEnvelopeV1 has none. Whose bus it was the dead letter says.
func headersOf(dead *wire.Letter, letter *kgo.Record) (headers []kgo.RecordHeader, err error) {
	env, err := wire.Event(dead)
	if _, is := env.(*envelope.V2); err != nil || !is {
		return nil, err
	}
	add := func(key, value string) {
		if value != "" {
			headers = append(headers, kgo.RecordHeader{Key: key, Value: []byte(value)})
		}
	}
	ev := env.Event()
	add("content_type", "application/json")
	if ev.CorrelationID != uuid.Nil {
		add("correlation_id", ev.CorrelationID.String())
	}
	add("message_id", ev.ID.String())
	if !ev.Time.IsZero() {
		add("timestamp", string(envelope.AppendTime(nil, ev.Time)))
	}
	for _, h := range letter.Headers {
		if h.Key == "source" {
			add(h.Key, string(h.Value))
		}
	}
	add("event_type", dead.OriginalTopic)
	add("schema_version", "1.0.0")
	add("priority", "normal")
	add("retry_count", "0")
	add("max_retries", "3")
	if cause, err := uuid.Parse(ev.CausationID); err == nil {
		add("parent_message_id", cause.String())
	}
	return headers, nil
}

func (p parcel) result() string {
	if p.event == nil {
		return "discarded"
	}
	return "replayed"
}

// replayer writes for one dead-letter topic.
type replayer struct {
	*replay
	id     string // of the transactions
	client *kgo.Client
}

var unfit = []error{
	kerr.MessageTooLarge, kerr.RecordListTooLarge, kerr.InvalidRecord, kerr.CorruptMessage, kerr.InvalidTimestamp, kerr.PolicyViolation,
}

var fenced = []error{kerr.ProducerFenced, kerr.InvalidProducerEpoch}

func isOneOf(err error, errs []error) bool {
	for _, e := range errs {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// deliver writes what was not replayed meanwhile. If one event is at fault, the
// others are written.
func (t *replayer) deliver(ctx context.Context, batch []parcel) error {
	const attempts = 3
	for attempt := 1; ; attempt++ {
		batch = t.open(batch)
		if len(batch) == 0 {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := t.throttle(ctx, len(batch)); err != nil {
			return err
		}
		// A transaction that was begun is ended, whatever happens to ctx.
		err := t.commit(context.WithoutCancel(ctx), batch)
		switch {
		case err == nil:
			for _, p := range batch {
				t.markers.take(p.mark)
				t.outcome(p.letter, p.result(), nil)
			}
			t.done += int64(len(batch))
			t.bar.Show(t.done + t.refused)
			return nil
		case isOneOf(err, fenced):
			return fmt.Errorf("another replay of these dead letters has begun, and goes on in place of this one (%w)", err)
		}
		if err := t.renew(ctx); err != nil {
			return err
		}
		switch {
		case isOneOf(err, unfit) && len(batch) == 1:
			t.refuse(batch[0].letter, err)
			return nil
		case isOneOf(err, unfit):
			half := len(batch) / 2
			if err := t.deliver(ctx, batch[:half]); err != nil {
				return err
			}
			return t.deliver(ctx, batch[half:])
		case errors.Is(err, kerr.UnknownTopicOrPartition):
			return fmt.Errorf("the original topic does not exist (%w); create it, as with onexctl topics apply", err)
		case errors.Is(err, kerr.TopicAuthorizationFailed):
			return fmt.Errorf("%w; allow WRITE on the original topic and on %s", err, t.markers.topic)
		case attempt == attempts:
			return err
		}
	}
}

// open leaves out what the markers say was replayed, and what comes twice.
func (t *replayer) open(batch []parcel) []parcel {
	var rest []parcel
	for _, p := range batch {
		if t.markers.has(p.letter) {
			t.before++
			t.total--
			continue
		}
		rest = append(rest, p)
	}
	return rest
}
