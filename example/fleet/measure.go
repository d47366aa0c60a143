package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// measure runs a fleet and returns what it has cost: nil if it could not be
// started. The error says too what was not delivered.
func measure(ctx context.Context, o options, progress io.Writer) (*report, error) {
	cfg, opts, where, stop, err := connect(o)
	if err != nil {
		return nil, err
	}
	defer stop()
	f, err := launch(o, cfg, opts)
	if err != nil {
		return nil, err
	}
	r := f.newReport(where)
	if o.create {
		if err := f.createTopics(ctx, cfg, r); err != nil {
			return nil, errors.Join(err, f.close(0))
		}
	}
	if o.warmUp {
		if r.WarmUp, err = f.warmUp(ctx); err != nil {
			return nil, errors.Join(err, f.close(0))
		}
	}
	if err := profiled(o.profile, func() { f.publish(ctx, r, progress) }); err != nil {
		return nil, errors.Join(err, f.close(0))
	}
	r.settle(f.publishers, f.warmed)
	err = f.close(o.patience)
	r.Losses = f.losses // none comes any more
	return r, errors.Join(err, r.fault())
}

// createTopics creates those of all nodes, and of their dead letters. It asks
// again as long as patience lasts, because thousands take brokers their time, who
// then have created what they do not show yet.
func (f *fleet) createTopics(ctx context.Context, cfg onex.Config, r *report) error {
	begun := time.Now()
	settings := onex.TopicSettings{
		Events:           onex.TopicShape{Partitions: f.partitions, ReplicationFactor: f.replication, Retention: time.Hour},
		NoDeadLetters:    cfg.NoDeadLetters,
		DeadLetterSuffix: cfg.DeadLetterSuffix,
	}
	_, err := onex.EnsureTopics(ctx, f.topics(), settings, f.opts...)
	for err != nil && ctx.Err() == nil && time.Since(begun) < f.patience {
		wait(ctx, time.Second)
		_, err = onex.EnsureTopics(ctx, f.topics(), settings, f.opts...)
	}
	r.Partitions, r.CreateSeconds = f.partitions, time.Since(begun).Seconds()
	return err
}

// publish publishes for the time that the options say, and then waits until none
// of the events is in flight.
func (f *fleet) publish(ctx context.Context, r *report, progress io.Writer) {
	cpu := cpuTime()
	watched := f.watch(progress)
	timed, cancel := context.WithTimeout(ctx, f.duration)
	defer cancel()
	f.run(timed)
	published := time.Since(f.start)
	_ = f.flush(f.patience) // what it did not wait for is in the ledger
	drained := time.Since(f.start) - published
	r.Memory.HeapPeak = watched()

	r.Ended = ctx.Err() != nil
	r.CPU = (cpuTime() - cpu).Seconds()
	r.Seconds, r.Drained = published.Seconds(), drained.Seconds()
	r.Publish = f.latency.percentiles()
	if f.hooks {
		delivery := f.wire.delivery.percentiles()
		r.Delivery, r.Traffic = &delivery, f.wire.traffic()
	}
	r.Memory.RSSPeak = peakRSS()
}

// watch looks at the memory, and says on a terminal how far things are, until
// what it returns is called, which returns the most that was on the heap.
func (f *fleet) watch(progress io.Writer) (stop func() (heapPeak int64)) {
	ended, peak := make(chan struct{}), make(chan int64)
	go func() {
		ticker := time.NewTicker(100 * time.Millisecond)
		defer ticker.Stop()
		var most int64
		for i := 0; ; i++ {
			most = max(most, heapNow())
			if isTerminal(progress) && i%10 == 0 {
				l := total(f.publishers)
				fmt.Fprintf(progress, "\r%d accepted, %d delivered, %d in flight \r", l.Accepted, l.Delivered, l.InFlight)
			}
			select {
			case <-ticker.C:
			case <-ended:
				peak <- most
				return
			}
		}
	}()
	return func() int64 {
		close(ended)
		return <-peak
	}
}
