package main

import (
	"math"
	"math/bits"
	"sync/atomic"
	"time"
)

// latencies counts durations in buckets that are each an eighth wider than the
// one before at the most, so that any number of them takes the same room and
// many goroutines can add to it at once.
type latencies struct {
	buckets [8 * 64]atomic.Int64
	n       atomic.Int64
	sum     atomic.Int64
	max     atomic.Int64
}

func (l *latencies) add(d time.Duration) {
	d = max(d, 0)
	l.buckets[bucketOf(uint64(d))].Add(1)
	l.n.Add(1)
	l.sum.Add(int64(d))
	for seen := l.max.Load(); int64(d) > seen && !l.max.CompareAndSwap(seen, int64(d)); seen = l.max.Load() {
	}
}

// reset forgets all, while nobody adds anything.
func (l *latencies) reset() {
	for i := range l.buckets {
		l.buckets[i].Store(0)
	}
	l.n.Store(0)
	l.sum.Store(0)
	l.max.Store(0)
}

// bucketOf numbers a duration by its highest four bits.
func bucketOf(ns uint64) int {
	if ns < 8 {
		return int(ns)
	}
	shift := bits.Len64(ns) - 4
	return 8*(shift+1) + int(ns>>shift) - 8
}

// upTo returns the longest duration of a bucket.
func upTo(bucket int) time.Duration {
	if bucket < 8 {
		return time.Duration(bucket)
	}
	shift := bucket/8 - 1
	return time.Duration(uint64(bucket%8+9)<<shift - 1)
}

// quantile returns the duration that a share of all did not exceed, at most an
// eighth too much.
func (l *latencies) quantile(share float64) time.Duration {
	rank := int64(math.Ceil(share * float64(l.n.Load())))
	if rank == 0 {
		return 0
	}
	for i := range l.buckets {
		if rank -= l.buckets[i].Load(); rank <= 0 {
			return min(upTo(i), time.Duration(l.max.Load()))
		}
	}
	return time.Duration(l.max.Load())
}

// percentiles are what a report has of durations, in microseconds.
type percentiles struct {
	Count int64   `json:"count"`
	Mean  float64 `json:"mean_us"`
	P50   float64 `json:"p50_us"`
	P95   float64 `json:"p95_us"`
	P99   float64 `json:"p99_us"`
	P999  float64 `json:"p99_9_us"`
	Max   float64 `json:"max_us"`
}

func (l *latencies) percentiles() percentiles {
	us := func(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
	p := percentiles{
		Count: l.n.Load(), P50: us(l.quantile(0.5)), P95: us(l.quantile(0.95)), P99: us(l.quantile(0.99)),
		P999: us(l.quantile(0.999)), Max: us(time.Duration(l.max.Load())),
	}
	if p.Count > 0 {
		p.Mean = us(time.Duration(l.sum.Load() / p.Count))
	}
	return p
}
