package onex

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/omninode-ai/onexevents/envelope"
	"github.com/omninode-ai/onexevents/runtime/internal/delivery"
)

// takeOver makes the events that an earlier publisher has left in the spool
// its own, and adds a failed event for every operation that died with it.
func (p *Publisher) takeOver(spool Spool) error {
	var backlog Backlog
	var unfinished []Spooled
	err := p.shell.disk.try("read what is there", func() (err error) {
		if backlog, err = spool.Backlog(); err != nil {
			return err
		}
		unfinished, err = spool.Unfinished()
		return err
	})
	if err != nil {
		return err
	}
	p.shell.tell(func(m *delivery.Machine, _ delivery.Time) {
		m.Begin(backlog.LastSeq)
		for _, t := range backlog.Topics {
			m.Inherit(m.Topic(t.Topic), t.Events, t.FirstSeq)
		}
	})
	for _, started := range unfinished {
		p.reportProcessLost(started)
	}
	return nil
}

// processLost is the error_type of an operation whose process ended before it.
const processLost = "ProcessLost"

// reportProcessLost publishes that an operation has failed, beyond the bounds if
// need be: it has been accepted long ago. Until that is on disk or has arrived,
// the operation counts as unfinished, and the next process would report it.
func (p *Publisher) reportProcessLost(started Spooled) {
	topic, event, err := p.failedEvent(started)
	if err != nil {
		p.shell.reporter.warn("an operation of an earlier process cannot be reported as failed", "operation", started.Operation, "error", err)
	}
	p.shell.tell(func(m *delivery.Machine, _ delivery.Time) {
		if err != nil {
			m.Forfeit(started.Operation)
			return
		}
		event.Extra = &delivery.Extra{Ends: started.Operation}
		m.Admit(m.Topic(topic), event)
	})
}

// failedEvent makes the failed event of an operation from its started event.
func (p *Publisher) failedEvent(started Spooled) (topic string, e *delivery.Event, err error) {
	env, err := envelope.Decode(started.Value)
	if err != nil {
		return "", nil, err
	}
	payload, err := env.DecodePayload()
	if err != nil {
		return "", nil, err
	}
	begun, ok := payload.(envelope.OperationStarted)
	var node struct {
		Type    string `json:"node_type"`
		Service string `json:"service_name"`
	}
	if err := json.Unmarshal(env.Metadata, &node); err != nil || !ok {
		return "", nil, fmt.Errorf("it was not started by an event %s", env.EventType)
	}
	topic, err = p.cfg.topicBeside(started.Topic, node.Service, env.EventType, envelope.OperationFailed{Operation: begun.Operation}.EventType(node.Type))
	if err != nil {
		return "", nil, err
	}
	now := p.cfg.now()
	cause := env.EventID.String()
	failed, err := envelope.Wrap(p.cfg.newID(), envelope.OperationFailed{
		Operation: begun.Operation, CorrelationID: begun.CorrelationID, NodeID: begun.NodeID, FailedAt: now,
		ExecutionTimeMS: max(0, float64(now.Sub(begun.StartedAt))/float64(time.Millisecond)),
		ErrorType:       processLost, ErrorMessage: "the process ended before the operation did", Metadata: begun.Metadata,
	}, node.Type, node.Service)
	if err != nil {
		return "", nil, err
	}
	failed.SourceService, failed.SourceVersion, failed.SourceInstance = env.SourceService, env.SourceVersion, env.SourceInstance
	failed.Environment, failed.Region, failed.PartitionKey = env.Environment, env.Region, env.PartitionKey
	failed.CausationID = &cause
	value, err := failed.AppendJSON(nil)
	if err != nil {
		return "", nil, err
	}
	e = newEvent(value, failed.RecordKey())
	e.Rank = delivery.RankEnded
	return topic, e, nil
}
