package onex

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/envelope"
	"github.com/omninode-ai/onexevents/runtime/internal/delivery"
	"github.com/omninode-ai/onexevents/runtime/internal/encode"
	"github.com/omninode-ai/onexevents/runtime/internal/guest"
)

// channel is where the events of one type go.
type channel struct {
	eventType string
	form      encode.Form
	topic     *delivery.Topic
	stage     stage
	rank      delivery.Rank
	err       error // why nothing can be published there
	full      error // that the queue is full: often said in a row, and no reason to make it anew
}

// form returns what the node's events of p's type and version become.
func (n *Node) form(p envelope.Payload, eventType string, version int) encode.Form {
	cfg := &n.pub.cfg
	if cfg.Profile == Profile2 {
		f := encode.V2(p, n.spec.Type, n.spec.Service, n.id, cfg.Environment, topicV2(n.spec.Service, eventType, version), version)
		return cfg.cloudEvent(f, envelope.EventTypeV2(n.spec.Service, eventType), n.spec.Service, n.id)
	}
	fixed := n.fixed
	fixed.EventVersion = eventVersion(version)
	return cfg.cloudEvent(encode.V1(fixed, p, n.spec.Type, n.spec.Service), eventType, n.spec.Service, n.id)
}

// stage is what an event is in the life of an operation.
type stage int

const (
	stageNone stage = iota
	stageStart
	stageEnd
)

// channel returns where the node's events of p's type and version go.
func (n *Node) channel(p envelope.Payload, version int) channel {
	c := channel{eventType: p.EventType(n.spec.Type)}
	c.full = c.refusal(ErrQueueFull)
	if n.pub.cfg.Profile == Profile2 && n.err != nil {
		return c // it has no topics there
	}
	topic, err := n.pub.cfg.topicOf(n.spec.Service, c.eventType, version)
	if err != nil {
		c.err = err
		return c
	}
	c.form = n.form(p, c.eventType, version)
	c.topic = n.pub.topic(topic)
	switch p.(type) {
	case envelope.MetricRecorded:
		c.rank = delivery.RankMetric
	case envelope.StateChanged:
		c.rank = delivery.RankState
	case envelope.OperationStarted:
		c.rank, c.stage = delivery.RankStarted, stageStart
	case envelope.OperationCompleted, envelope.OperationFailed:
		c.rank, c.stage = delivery.RankEnded, stageEnd
	}
	return c
}

// draft is what an event starts from: its options, the time and its metadata.
type draft struct {
	eventOptions
	id       uuid.UUID
	at       time.Time
	minted   uuid.UUID       // the correlation id of a metric that has none, where it has to have one
	metadata json.RawMessage // encoded; nil if there is none
	scope    scope
}

// errOff: the publisher is disabled, and nobody is told of the event.
var errOff = errors.New("events are switched off")

// draft begins an event, or says why it cannot be published.
func (n *Node) draft(ctx context.Context, id uuid.UUID, at time.Time, c *channel, opts []EventOption) (d draft, err error) {
	if n.pub.isOff() {
		return draft{}, errOff
	}
	if n.err != nil || c.err != nil {
		return draft{}, errors.Join(n.err, c.err)
	}
	if id == uuid.Nil || at.IsZero() {
		return draft{}, errors.New("the event has no id or no time; let Config.NewID and Config.Now return some")
	}
	d.id, d.at, d.scope = id, at, scopeOf(ctx)
	if len(opts) == 0 && d.scope.extra == nil {
		return d, nil
	}
	d.eventOptions = collect(d.scope.options(), opts)
	if err := d.check(); err != nil {
		return draft{}, err
	}
	d.metadata, err = encode.Metadata(d.eventOptions.metadata, n.pub.cfg.MaxMetadataBytes)
	return d, err
}

// require returns the correlation id of an event that has to have one: the
// argument, or else the option's, or else the context's.
func (d *draft) require(argument uuid.UUID) (uuid.UUID, error) {
	own := d.correlationID
	switch {
	case argument != uuid.Nil && own != nil && *own != argument:
		return uuid.Nil, errors.New("WithCorrelationID contradicts the correlation id in the arguments; leave the option out")
	case argument != uuid.Nil:
		return argument, nil
	case own != nil && *own != uuid.Nil:
		return *own, nil
	case own == nil && d.scope.correlationID != uuid.Nil:
		return d.scope.correlationID, nil
	}
	return uuid.Nil, ErrNoCorrelation
}

// optional returns the correlation id of an event that can do without, nil if
// it has none: the option's, or else the context's.
func (d *draft) optional() (*uuid.UUID, error) {
	switch {
	case d.correlationID != nil && *d.correlationID == uuid.Nil:
		return nil, fmt.Errorf("WithCorrelationID: %w", ErrNoCorrelation)
	case d.correlationID != nil:
		return d.correlationID, nil
	case d.scope.correlationID != uuid.Nil:
		kept := d.scope.correlationID // which is on the heap, and only here
		return &kept, nil
	}
	return nil, nil
}

// send encodes the payload p, which is a part of s, and hands the event to the
// publisher. It does not block, unless the event is durable.
func (n *Node) send(ctx context.Context, c *channel, d *draft, s *encode.Scratch, p envelope.Payload) error {
	extra, isDurable, err := n.extraOf(ctx, c, d, s)
	if err != nil {
		return err
	}
	s.Header = encode.Header{ID: d.id, At: d.at, CorrelationID: d.minted, CausationID: d.causationID, PartitionKey: d.partitionKey}
	if d.causationID == "" {
		s.Header.CausationID = d.scope.causationID
	}
	n.pub.addHeaders(ctx, c, s)
	r, err := s.Record(c.form, p, n.pub.cfg.MaxEventBytes, n.pub.cfg.MaxInFlightBytes/2)
	if err != nil {
		return err
	}
	if r.NoMore {
		n.pub.leftOut(c, "all", "", "MaxInFlightBytes leaves no room for them")
	}
	if limit := n.pub.cfg.MaxInFlightBytes; len(r.Bytes) > limit {
		return fmt.Errorf("%w: %d bytes with its key, and Config.MaxInFlightBytes is %d", ErrTooLarge, len(r.Bytes), limit)
	}
	return n.pub.accept(c.topic, &delivery.Event{
		Record: r.Bytes, KeyLen: r.KeyLen, HeadersLen: r.HeadersLen, Rank: c.rank, Durable: isDurable, Extra: extra,
	})
}

// What the program's own headers may have of an event: more than W3C's trace context
// and baggage need.
const (
	maxHeaders     = 64
	maxHeaderBytes = 16 << 10 // of their keys and values
)

// addHeaders adds the program's own headers to an event. What is wrong with them costs
// headers, and never the event.
func (p *Publisher) addHeaders(ctx context.Context, c *channel, s *encode.Scratch) {
	s.More = s.More[:0]
	if p.cfg.Headers == nil {
		return
	}
	var own []kgo.RecordHeader
	if failure := p.asked.Call(func() { own = p.cfg.Headers(orBackground(ctx)) }); failure != nil {
		p.complain("Config.Headers panicked; the event goes without its headers", "event_type", c.eventType, "panic", failure)
		return
	}
	var n, size, leftOut int
	var first, reason string
	for _, h := range own {
		with, why := size+len(h.Key)+len(h.Value), ""
		switch {
		case isOurs(h.Key, p.cfg.Profile == Profile2, p.cfg.CloudEvents):
			why = "the publisher has a header of that name"
		case n == maxHeaders:
			why = "there are too many"
		case with > maxHeaderBytes:
			why = "they are too large"
		default:
			n, size, s.More = n+1, with, encode.AppendHeader(s.More, h.Key, h.Value)
			continue
		}
		if leftOut++; leftOut == 1 {
			first, reason = encode.Cut(h.Key, encode.MaxName), why
		}
	}
	if leftOut > 0 {
		p.leftOut(c, leftOut, first, reason)
	}
}

// leftOut says how many headers an event goes without, which is the first, and why.
func (p *Publisher) leftOut(c *channel, n any, first, reason string) {
	p.complain("headers of an event are left out", "event_type", c.eventType, "headers", n, "first", first, "reason", reason)
}

// refuse, deferred, counts an event that the publisher has not taken, and says
// which one it was. Encoding calls methods of the caller's types: String,
// Error, MarshalJSON, and options. Their panics are not the operation's.
func (n *Node) refuse(c *channel, err *error) {
	if cause := recover(); cause != nil {
		*err = fmt.Errorf("panic while the event was encoded: %s", guest.Text(cause))
	}
	switch {
	case *err == nil:
		return
	case *err == errOff:
		*err = nil
		return
	case *err == ErrQueueFull && c.full != nil:
		*err = c.full
	default:
		*err = c.refusal(*err)
	}
	if n.pub != nil {
		n.pub.reject()
	}
}

func (c *channel) refusal(err error) error {
	if c.eventType == "" {
		return fmt.Errorf("onex: publish: %w", err)
	}
	return fmt.Errorf("onex: publish %s: %w", c.eventType, err)
}

// extraOf returns what an event has that few have.
func (n *Node) extraOf(ctx context.Context, c *channel, d *draft, s *encode.Scratch) (x *delivery.Extra, isDurable bool, err error) {
	isDurable = d.durable || d.scope.durable
	if n.pub.standIn != nil {
		return nil, isDurable, nil
	}
	hasHooks, ends := n.pub.shell.client.HasHooks(), c.stage == stageEnd && n.pub.shell.hasOperations.Load()
	switch {
	case isDurable && n.pub.shell.disk == nil:
		return nil, false, ErrNoSpool
	case !isDurable && !hasHooks && !ends:
		return nil, false, nil
	}
	a := &attached{}
	x = &delivery.Extra{Attached: a}
	if hasHooks {
		a.ctx = ctx // else it would only keep what is in it from being freed
	}
	if isDurable {
		a.durable = make(chan error, 1)
	}
	switch {
	case isDurable && c.stage == stageStart:
		x.Operation = operationKey(n.id, s.Started.Operation, s.Started.CorrelationID)
		x.Starts = d.id.String()
	case ends:
		// One of the two is empty.
		x.Operation = operationKey(n.id, s.Completed.Operation+s.Failed.Operation, or(s.Completed.CorrelationID, s.Failed.CorrelationID))
	}
	return x, isDurable, nil
}

// operationKey is what the first and the last event of an operation have in
// common.
func operationKey(nodeID, operation string, correlationID uuid.UUID) string {
	return strings.Join([]string{nodeID, operation, correlationID.String()}, " ")
}

func or(a, b uuid.UUID) uuid.UUID {
	if a != uuid.Nil {
		return a
	}
	return b
}
