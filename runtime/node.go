package onex

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/envelope"
	"github.com/omninode-ai/onexevents/runtime/internal/encode"
)

// GeneratedVersion1 stands for the first version of what this package offers
// generated code. Generated files name the version that they were made for, so
// that they do not compile with a runtime that does not offer it.
const GeneratedVersion1 = true

// NodeSpec is what a node's directive says of the node. It is for generated
// code.
type NodeSpec struct {
	Type     string // "effect", "compute", "reducer" or "orchestrator"
	Service  string
	NoState  bool // the node has no state event, and no topic for it
	NoMetric bool // the node has no metric event, and no topic for it
}

// Node publishes the events of one node. It is for generated code, and safe
// for concurrent use. A nil Node refuses every event.
type Node struct {
	pub  *Publisher
	id   string
	spec NodeSpec
	err  error // why the node cannot publish anything

	state, metric channel

	fixed envelope.V1 // what the envelopes of all events have in common
}

// NewNode returns the node called id. It never fails: what is wrong with the
// arguments, every publish method will say. It is for generated code.
func NewNode(pub *Publisher, id string, spec NodeSpec) *Node {
	n := &Node{pub: pub, id: id, spec: spec}
	if id == "" {
		n.err = errors.New("the node's id is empty; give one to the constructor of its events")
	} else {
		n.err = encode.Name("the node's id", id)
	}
	if pub == nil {
		n.err = ErrNoPublisher
		return n
	}
	n.err = errors.Join(n.err, pub.claim(spec.Service))
	n.fixed = envelope.V1{
		EnvelopeVersion: envelope.DefaultVersion,
		EventVersion:    envelope.DefaultVersion,
		SourceNodeID:    id,
		SourceService:   orNull(pub.cfg.SourceService, spec.Service),
		SourceVersion:   orNull(pub.cfg.SourceVersion),
		SourceInstance:  orNull(pub.cfg.SourceInstance),
		Environment:     pub.cfg.Environment,
		Region:          orNull(pub.cfg.Region),
	}
	n.state, n.metric = channel{err: errNotDeclared}, channel{err: errNotDeclared}
	if !spec.NoState {
		n.state = n.channel(envelope.StateChanged{}, 1)
	}
	if !spec.NoMetric {
		n.metric = n.channel(envelope.MetricRecorded{}, 1)
	}
	return n
}

var errNotDeclared = errors.New("the node's directive has no such event; leave state=false or metric=false out of it")

// orNull returns the first of values that is not empty, or nil.
func orNull(values ...string) *string {
	for _, v := range values {
		if v != "" {
			return &v
		}
	}
	return nil
}

// StateChanged publishes a node's state event. A correlationID of uuid.Nil stands
// for ctx's. S is a string type or has a
// method String; for another type it returns an error. It is for generated
// code.
func StateChanged[S any](ctx context.Context, n *Node, correlationID uuid.UUID, oldState, newState S, reason string, opts ...EventOption) (err error) {
	if n == nil {
		return ErrNoPublisher
	}
	defer n.refuse(&n.state, &err)
	d, err := n.draft(ctx, n.newID(), n.now(), &n.state, opts)
	if err != nil {
		return err
	}
	from, err := encode.StateName(oldState)
	if err != nil {
		return err
	}
	to, err := encode.StateName(newState)
	if err != nil {
		return err
	}
	correlationID, err = d.require(correlationID)
	if err := errors.Join(err, encode.Name("the old state", from), encode.Name("the new state", to)); err != nil {
		return err
	}
	mask := n.pub.cfg.Mask
	s := encode.NewScratch()
	s.State = envelope.StateChanged{
		NodeID: n.id, NodeType: n.spec.Type, CorrelationID: correlationID, ChangedAt: d.at,
		OldState: encode.Text(from, mask, encode.MaxName), NewState: encode.Text(to, mask, encode.MaxName),
		TransitionReason: encode.Text(reason, mask, n.pub.cfg.MaxErrorBytes), Metadata: d.metadata,
	}
	return n.send(ctx, &n.state, &d, s, &s.State)
}

// MetricRecorded publishes a node's metric event. It refuses values that JSON
// cannot carry: NaN and the infinities. It is for generated code.
func MetricRecorded(ctx context.Context, n *Node, name string, value float64, unit string, opts ...EventOption) (err error) {
	if n == nil {
		return ErrNoPublisher
	}
	defer n.refuse(&n.metric, &err)
	d, err := n.draft(ctx, n.newID(), n.now(), &n.metric, opts)
	if err != nil {
		return err
	}
	if name == "" {
		return errors.New("the metric's name is empty")
	}
	if err := errors.Join(encode.Name("the metric's name", name), encode.Name("the metric's unit", unit)); err != nil {
		return err
	}
	id, err := d.optional()
	if err != nil {
		return err
	}
	if id == nil && n.pub.cfg.Profile == Profile2 {
		d.minted = n.newID()
	}
	mask := n.pub.cfg.Mask
	s := encode.NewScratch()
	s.Metric = envelope.MetricRecorded{
		NodeID: n.id, NodeType: n.spec.Type, RecordedAt: d.at,
		MetricName: encode.Text(name, mask, encode.MaxName), MetricValue: value, MetricUnit: encode.Text(unit, mask, encode.MaxName), CorrelationID: id, Metadata: d.metadata,
	}
	return n.send(ctx, &n.metric, &d, s, &s.Metric)
}

// newID and now work for a node without a publisher too, because a run
// has to; and if the configured ones panic, because that must not hurt it.

func (n *Node) newID() uuid.UUID {
	if n == nil || n.pub == nil {
		return encode.NewID()
	}
	return n.pub.cfg.newID()
}

func (cfg *Config) newID() (id uuid.UUID) {
	defer func() {
		if recover() != nil {
			id = encode.NewID()
		}
	}()
	return cfg.NewID()
}

func (n *Node) now() time.Time {
	if n == nil || n.pub == nil {
		return time.Now()
	}
	return n.pub.cfg.now()
}

func (cfg *Config) now() (t time.Time) {
	defer func() {
		if recover() != nil {
			t = time.Now()
		}
	}()
	return cfg.Now()
}

// Catalog lists the event types of a node (envelope/contract.md, section 2). The three
// lists are never nil in a generated catalog, so that its JSON has three lists.
type Catalog struct {
	// OperationLifecycle has started, completed and failed of each operation,
	// in the order of the directive.
	OperationLifecycle []string `json:"operation_lifecycle"`
	StateEvents        []string `json:"state_events"`
	MetricEvents       []string `json:"metric_events"`
}

// EventTypes returns all event types of the catalog in its order.
func (c Catalog) EventTypes() []string {
	return slices.Concat(c.OperationLifecycle, c.StateEvents, c.MetricEvents)
}
