package main

import (
	"errors"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// report is what a fleet has cost.
type report struct {
	Kafka         string  `json:"kafka"` // its brokers, or "embedded"
	Nodes         int     `json:"nodes"`
	Services      int     `json:"services"`
	Topics        int     `json:"topics"`
	Publishers    int     `json:"publishers"`
	Partitions    int     `json:"partitions,omitempty"` // of each topic, if -create-topics made them, in CreateSeconds
	CreateSeconds float64 `json:"create_seconds,omitempty"`
	Rate          float64 `json:"rate"`
	Mix           string  `json:"mix"`
	Ended         bool    `json:"ended_early"`

	WarmUp warmUp `json:"warm_up"` // counts in the ledger, and else nowhere

	// Seconds is how long events were published, and Drained how long it took
	// after that until none was in flight.
	Seconds            float64 `json:"seconds"`
	Drained            float64 `json:"drained_seconds"`
	AcceptedPerSecond  float64 `json:"accepted_per_second"`
	DeliveredPerSecond float64 `json:"delivered_per_second"`

	Publish  percentiles  `json:"publish"`            // how long publish methods took
	Delivery *percentiles `json:"delivery,omitempty"` // from an event's timestamp to its acknowledgement
	Traffic  *traffic     `json:"traffic,omitempty"`
	Memory   memory       `json:"memory"`
	CPU      float64      `json:"cpu_seconds"` // of the process, an embedded broker included

	Ledger onex.Ledger               `json:"ledger"` // of all publishers, before they are closed
	Losses map[onex.LossReason]int64 `json:"losses,omitempty"`

	// Causes are why publishers were not up before they were closed, and why
	// topics suffered, each with the number of them.
	Causes      map[onex.Cause]int `json:"causes,omitempty"`
	TopicCauses map[onex.Cause]int `json:"topic_causes,omitempty"`
}

// memory is in bytes.
type memory struct {
	Nodes    int64 `json:"nodes"`     // what the nodes take on the heap, with their publishers' lanes
	HeapPeak int64 `json:"heap_peak"` // what is not yet freed included
	RSSPeak  int64 `json:"rss_peak"`  // of the process, an embedded broker included
}

// traffic is what the Kafka clients have sent.
type traffic struct {
	Connections       int64   `json:"connections"` // at once, at the most
	ProduceRequests   int64   `json:"produce_requests"`
	Batches           int64   `json:"batches"`
	RecordsPerBatch   float64 `json:"records_per_batch"`
	RecordsPerRequest float64 `json:"records_per_request"`
	Metadata          int64   `json:"metadata_requests"`
	MetadataBytes     int64   `json:"metadata_bytes"`
	SentBytes         int64   `json:"sent_bytes"`
}

func (w *wire) traffic() *traffic {
	t := traffic{
		Connections: w.mostConnections.Load(), ProduceRequests: w.produceRequests.Load(), Batches: w.batches.Load(),
		Metadata: w.metadata.Load(), MetadataBytes: w.metadataRead.Load(), SentBytes: w.sent.Load(),
	}
	records := float64(w.records.Load())
	t.RecordsPerBatch = records / float64(max(t.Batches, 1))
	t.RecordsPerRequest = records / float64(max(t.ProduceRequests, 1))
	return &t
}

// warmUp is what came before anything was measured.
type warmUp struct {
	Events  int64   `json:"events"`
	Seconds float64 `json:"seconds"`
	CPU     float64 `json:"cpu_seconds"`
}

// settle adds what the publishers say before they are closed.
func (r *report) settle(publishers []*onex.Publisher, warmed onex.Ledger) {
	r.Ledger = total(publishers)
	r.AcceptedPerSecond = float64(r.Ledger.Accepted-warmed.Accepted) / r.Seconds
	r.DeliveredPerSecond = float64(r.Ledger.Delivered-warmed.Delivered) / (r.Seconds + r.Drained)
	r.Causes, r.TopicCauses = map[onex.Cause]int{}, map[onex.Cause]int{}
	for _, pub := range publishers {
		h := pub.Health()
		if !h.Up {
			r.Causes[h.Cause]++
		}
		for _, cause := range h.Topics {
			r.TopicCauses[cause]++
		}
	}
}

// cpuPerEvent is in seconds.
func (r *report) cpuPerEvent() float64 {
	return r.CPU / float64(max(r.Ledger.Delivered-r.WarmUp.Events, 1))
}

// fault says that not all events were delivered.
func (r *report) fault() error {
	if l := r.Ledger; l.Delivered != l.Accepted || l.Rejected > 0 {
		return errors.New("not every event was delivered; see the ledger and the health")
	}
	return nil
}

// total sums ledgers up.
func total(publishers []*onex.Publisher) (sum onex.Ledger) {
	for _, pub := range publishers {
		l := pub.Ledger()
		sum.Accepted += l.Accepted
		sum.Delivered += l.Delivered
		sum.DeadLettered += l.DeadLettered
		sum.Spooled += l.Spooled
		sum.InFlight += l.InFlight
		sum.Lost += l.Lost
		sum.Rejected += l.Rejected
	}
	return sum
}
