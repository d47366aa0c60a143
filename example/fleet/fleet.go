package main

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool"
)

// fleet is the nodes with their publishers, and what watches them.
type fleet struct {
	load
	opts      []kgo.Opt
	wire      wire
	nodesHeap int64

	mu     sync.Mutex
	losses map[onex.LossReason]int64
}

// launch makes the publishers and the nodes.
func launch(o options, cfg onex.Config, opts []kgo.Opt) (*fleet, error) {
	f := &fleet{load: load{options: o}, opts: opts, losses: map[onex.LossReason]int64{}}
	cfg.OnLoss = f.lose
	cfg.Logger = slog.New(slog.DiscardHandler) // the report says it in figures
	if o.hooks {
		opts = append(opts[:len(opts):len(opts)], kgo.WithHooks(&f.wire))
	}
	for i := range o.publishers {
		pub, err := f.publisher(i, cfg, opts)
		if err != nil {
			return nil, errors.Join(err, f.close(0))
		}
		f.publishers = append(f.publishers, pub)
	}
	before := heapInUse()
	for i := range o.nodes {
		f.nodes = append(f.nodes, newNode(f.publishers[i%o.publishers], i, i%o.services, o.operations))
	}
	f.nodesHeap = max(0, heapInUse()-before)
	return f, nil
}

func (f *fleet) publisher(i int, cfg onex.Config, opts []kgo.Opt) (*onex.Publisher, error) {
	if f.spool != "" {
		sp, err := spool.Open(filepath.Join(f.spool, strconv.Itoa(i)))
		if err != nil {
			return nil, err
		}
		cfg.Spool = sp
	}
	pub, err := onex.NewPublisher(cfg, opts...)
	if err != nil && cfg.Spool != nil {
		err = errors.Join(err, cfg.Spool.Close())
	}
	return pub, err
}

func (f *fleet) lose(l onex.Loss) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.losses[l.Reason]++
}

// topics returns those of all nodes.
func (f *fleet) topics() []string {
	all := map[string]bool{}
	for _, pub := range f.publishers {
		for _, topic := range pub.Topics() {
			all[topic] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// newReport begins a report with what is known before events are published.
func (f *fleet) newReport(where string) *report {
	return &report{
		Kafka: where, Nodes: f.options.nodes, Services: f.services, Topics: len(f.topics()), Publishers: f.options.publishers,
		Rate: f.rate, Mix: f.mix.String(), Memory: memory{Nodes: f.nodesHeap},
	}
}

// flush waits until none of the events is in flight any more.
func (f *fleet) flush(patience time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var faults []error
	for _, pub := range f.publishers {
		faults = append(faults, pub.Flush(ctx))
	}
	return errors.Join(faults...)
}

// close closes all publishers at once.
func (f *fleet) close(patience time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	faults := make([]error, len(f.publishers))
	var closing sync.WaitGroup
	for i, pub := range f.publishers {
		closing.Go(func() { faults[i] = pub.Close(ctx) })
	}
	closing.Wait()
	return errors.Join(faults...)
}
