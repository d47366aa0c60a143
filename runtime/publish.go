package onex

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/envelope"
)

// channel is where the events of one type go.
type channel struct {
	eventType string
	lane      *lane
	stage     stage
	err       error // why nothing can be published there
}

// stage is what an event is in the life of an operation.
type stage int

const (
	stageNone stage = iota
	stageStart
	stageEnd
)

// maxTopic is the length that Kafka allows for a topic, and for that of its
// dead letters.
const maxTopic = 249

// channel returns where the node's events of p's type go.
func (n *Node) channel(p envelope.Payload) channel {
	c := channel{eventType: p.EventType(n.spec.Type)}
	topic := n.pub.cfg.Namespace + "." + n.spec.Service + "." + c.eventType + ".v1"
	if limit := maxTopic - len(n.pub.cfg.DeadLetterSuffix); len(topic) > limit {
		c.err = fmt.Errorf("the topic %s has %d characters, and Kafka takes %d; shorten Config.Namespace", topic, len(topic), limit)
		return c
	}
	c.lane = n.pub.intake.lane(topic)
	switch p.(type) {
	case envelope.OperationStarted:
		c.stage = stageStart
	case envelope.OperationCompleted, envelope.OperationFailed:
		c.stage = stageEnd
	}
	return c
}

// draft is what an event starts from: its options, the time and its metadata.
type draft struct {
	eventOptions
	at       time.Time
	metadata json.RawMessage // encoded; nil if there is none
}

// publish makes an event and hands it to the publisher. It does not block,
// unless the event is durable, and whatever goes wrong, in the caller's own
// methods too, comes back as an error.
func (n *Node) publish(ctx context.Context, id uuid.UUID, c channel, opts []EventOption, payload func(*draft) (envelope.Payload, error)) error {
	if err := errors.Join(n.err, c.err); err != nil {
		return n.refuse(c, err)
	}
	e, x, err := n.encode(ctx, id, c, opts, payload)
	if err != nil {
		return n.refuse(c, err)
	}
	if err := n.pub.accept(c.lane, e, x); err != nil {
		return fmt.Errorf("onex: publish %s: %w", c.eventType, err)
	}
	return nil
}

// refuse counts an event that does not come as far as the queue.
func (n *Node) refuse(c channel, err error) error {
	if n.pub != nil {
		n.pub.intake.reject()
	}
	if c.eventType == "" {
		return fmt.Errorf("onex: publish: %w", err)
	}
	return fmt.Errorf("onex: publish %s: %w", c.eventType, err)
}

func (n *Node) encode(ctx context.Context, id uuid.UUID, c channel, opts []EventOption, payload func(*draft) (envelope.Payload, error)) (e *event, x extra, err error) {
	// Encoding calls methods of the caller's types: String, Error,
	// MarshalJSON, and options. Their panics are not the operation's.
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic while the event was encoded: %v", cause)
		}
	}()
	d := &draft{eventOptions: collect(opts), at: n.now()}
	if d.metadata, err = d.encodedMetadata(); err != nil {
		return nil, extra{}, err
	}
	if err := errors.Join(d.check(), within("metadata", len(d.metadata), n.pub.cfg.MaxMetadataBytes)); err != nil {
		return nil, extra{}, err
	}
	p, err := payload(d)
	if err != nil {
		return nil, extra{}, err
	}
	env, err := envelope.Wrap(id, p, n.spec.Type, n.spec.Service)
	if err != nil {
		return nil, extra{}, err
	}
	env.SourceService = n.sourceService
	env.SourceVersion = n.sourceVersion
	env.SourceInstance = n.sourceInstance
	env.Environment = n.pub.cfg.Environment
	env.Region = n.region
	env.CausationID = orNull(d.causationID, scopeOf(ctx).causationID)
	env.PartitionKey = orNull(d.partitionKey)
	if err := env.Validate(); err != nil {
		return nil, extra{}, err
	}
	value, err := env.AppendJSON(nil)
	if err != nil {
		return nil, extra{}, err
	}
	if limit := n.pub.cfg.MaxEventBytes; len(value) > limit {
		return nil, extra{}, fmt.Errorf("%w: %d bytes, and Config.MaxEventBytes is %d", ErrTooLarge, len(value), limit)
	}
	if x, err = n.extraOf(ctx, d, c, env); err != nil {
		return nil, extra{}, err
	}
	return newEvent(value, env.RecordKey()), x, nil
}

// extraOf returns what an event has that few have.
func (n *Node) extraOf(ctx context.Context, d *draft, c channel, env *envelope.V1) (x extra, err error) {
	if n.pub.producer.hasHooks {
		x.ctx = ctx // else it would only keep what is in it from being freed
	}
	if d.durable || scopeOf(ctx).durable {
		if n.pub.spooler == nil {
			return extra{}, ErrNoSpool
		}
		x.durable = make(chan error, 1)
	}
	starts := c.stage == stageStart && x.durable != nil
	ends := c.stage == stageEnd && n.pub.intake.hasOpen.Load()
	if starts || ends {
		_, operation, _ := strings.Cut(c.eventType, ".")
		operation = operation[:strings.LastIndexByte(operation, '.')]
		x.operation = strings.Join([]string{n.id, operation, env.CorrelationID.String()}, " ")
	}
	if starts {
		x.starts = env.EventID.String()
	}
	return x, nil
}
