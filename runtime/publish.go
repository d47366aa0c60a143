package onex

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/envelope"
)

// channel is where the events of one type go.
type channel struct {
	eventType string
	topic     string
	err       error // why nothing can be published there
}

// maxTopic is the length that Kafka allows for a topic, less what a
// dead-letter topic adds to it (contract, section 2).
const maxTopic = 249 - len(".dlq")

// channel returns where the node's events of p's type go.
func (n *Node) channel(p envelope.Payload) channel {
	c := channel{eventType: p.EventType(n.spec.Type)}
	c.topic = n.pub.cfg.Namespace + "." + n.spec.Service + "." + c.eventType + ".v1"
	if len(c.topic) > maxTopic {
		c.err = fmt.Errorf("the topic %s has %d characters, and Kafka takes %d; shorten Config.Namespace", c.topic, len(c.topic), maxTopic)
	}
	return c
}

// draft is what an event starts from: its options, the time and its metadata.
type draft struct {
	eventOptions
	at       time.Time
	metadata json.RawMessage // encoded; nil if there is none
}

// publish makes an event and hands it to the publisher. It does not block, and
// whatever goes wrong, in the caller's own methods too, comes back as an
// error.
func (n *Node) publish(ctx context.Context, id uuid.UUID, c channel, opts []EventOption, payload func(*draft) (envelope.Payload, error)) error {
	if err := errors.Join(n.err, c.err); err != nil {
		return n.refuse(c, err)
	}
	it, err := n.encode(ctx, id, c, opts, payload)
	if err != nil {
		return n.refuse(c, err)
	}
	if err := n.pub.accept(ctx, it); err != nil {
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

func (n *Node) encode(ctx context.Context, id uuid.UUID, c channel, opts []EventOption, payload func(*draft) (envelope.Payload, error)) (it item, err error) {
	// Encoding calls methods of the caller's types: String, Error,
	// MarshalJSON, and options. Their panics are not the operation's.
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic while the event was encoded: %v", cause)
		}
	}()
	d := &draft{eventOptions: collect(opts), at: n.now()}
	if d.metadata, err = d.encodedMetadata(); err != nil {
		return item{}, err
	}
	p, err := payload(d)
	if err != nil {
		return item{}, err
	}
	env, err := envelope.Wrap(id, p, n.spec.Type, n.spec.Service)
	if err != nil {
		return item{}, err
	}
	env.SourceService = n.sourceService
	env.SourceVersion = n.sourceVersion
	env.SourceInstance = n.sourceInstance
	env.Environment = n.pub.cfg.Environment
	env.Region = n.region
	env.CausationID = orNull(d.causationID, scopeOf(ctx).causationID)
	env.PartitionKey = orNull(d.partitionKey)
	if err := env.Validate(); err != nil {
		return item{}, err
	}
	value, err := env.AppendJSON(nil)
	if err != nil {
		return item{}, err
	}
	if limit := n.pub.cfg.MaxEventBytes; len(value) > limit {
		return item{}, fmt.Errorf("%w: %d bytes, and Config.MaxEventBytes is %d", ErrTooLarge, len(value), limit)
	}
	return item{topic: c.topic, key: env.RecordKey(), value: value}, nil
}
