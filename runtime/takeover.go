package onex

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/omninode-ai/onexevents/envelope"
)

// takeOver makes the events that an earlier publisher has left in the spool
// its own, and adds a failed event for every operation that died with it.
func (p *Publisher) takeOver(spool Spool) error {
	backlog, err := spool.Backlog()
	if err != nil {
		return err
	}
	unfinished, err := spool.Unfinished()
	if err != nil {
		return err
	}
	p.intake.seq = backlog.LastSeq
	for _, t := range backlog.Topics {
		p.intake.inherit(t.Topic, t.Events)
	}
	for _, started := range unfinished {
		if err := p.reportProcessLost(spool, started); err != nil {
			return err
		}
	}
	return nil
}

// inherit counts events that are on disk.
func (in *intake) inherit(topic string, events int64) {
	l := in.lane(topic)
	in.mu.Lock()
	defer in.mu.Unlock()
	in.ledger.Accepted += events
	in.ledger.Spooled += events
	in.addDisk(l, events)
	in.wake(l)
}

// processLost is the error_type of an operation whose process ended before it.
const processLost = "ProcessLost"

// reportProcessLost puts into the spool that an operation has failed.
func (p *Publisher) reportProcessLost(spool Spool, started Spooled) error {
	event, err := p.failedEvent(started)
	if err != nil {
		p.reporter.warn("an operation of an earlier process cannot be reported as failed", "operation", started.Operation, "error", err)
		return spool.Finish(started.Operation)
	}
	p.intake.seq++
	event.Seq, event.At, event.Finishes = p.intake.seq, time.Now(), started.Operation
	dropped, err := spool.Append([]Spooled{event})
	if err != nil {
		return err
	}
	p.intake.inherit(event.Topic, 1)
	for _, d := range dropped {
		p.spooler.drop(d)
	}
	return nil
}

// failedEvent makes the failed event of an operation from its started event.
func (p *Publisher) failedEvent(started Spooled) (Spooled, error) {
	env, err := envelope.Decode(started.Value)
	if err != nil {
		return Spooled{}, err
	}
	payload, err := env.DecodePayload()
	if err != nil {
		return Spooled{}, err
	}
	begun, ok := payload.(envelope.OperationStarted)
	topic, isStarted := strings.CutSuffix(started.Topic, ".started.v1")
	var node struct {
		Type    string `json:"node_type"`
		Service string `json:"service_name"`
	}
	if err := json.Unmarshal(env.Metadata, &node); err != nil || !ok || !isStarted {
		return Spooled{}, fmt.Errorf("it was not started by an event %s", env.EventType)
	}
	now := p.cfg.Now()
	cause := env.EventID.String()
	failed, err := envelope.Wrap(newID(), envelope.OperationFailed{
		Operation: begun.Operation, CorrelationID: begun.CorrelationID, NodeID: begun.NodeID, FailedAt: now,
		ExecutionTimeMS: max(0, float64(now.Sub(begun.StartedAt))/float64(time.Millisecond)),
		ErrorType:       processLost, ErrorMessage: "the process ended before the operation did", Metadata: begun.Metadata,
	}, node.Type, node.Service)
	if err != nil {
		return Spooled{}, err
	}
	failed.SourceService, failed.SourceVersion, failed.SourceInstance = env.SourceService, env.SourceVersion, env.SourceInstance
	failed.Environment, failed.Region, failed.PartitionKey = env.Environment, env.Region, env.PartitionKey
	failed.CausationID = &cause
	value, err := failed.AppendJSON(nil)
	return Spooled{Topic: topic + ".failed.v1", Key: []byte(failed.RecordKey()), Value: value}, err
}
