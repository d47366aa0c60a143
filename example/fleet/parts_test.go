package main

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// A mix is what it is said to be, and what it leaves out is as before.
func TestMix(t *testing.T) {
	m := defaultMix
	if err := m.Set("run=1,state=3"); err != nil {
		t.Fatal(err)
	}
	if got, want := m.String(), "run=1,state=3,metric=3,failed=0.05,nested=0.3,metadata=0.1"; got != want {
		t.Errorf("mix %s, want %s", got, want)
	}
	r := rand.New(rand.NewPCG(1, 1))
	const n = 100_000
	var got [3]int
	for range n {
		got[m.pick(r)]++
	}
	for k, weight := range []float64{kindRun: 1, kindState: 3, kindMetric: 3} {
		if want := n * weight / 7; math.Abs(float64(got[k])-want) > n/100 {
			t.Errorf("kind %d: %d of %d, want about %.0f", k, got[k], n, want)
		}
	}
}

// A quantile is never too low, and at most an eighth too high.
func TestLatencies(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	var l latencies
	var all []time.Duration
	for range 10_000 {
		d := time.Duration(math.Exp(r.Float64() * 25))
		l.add(d)
		all = append(all, d)
	}
	slices.Sort(all)
	for _, share := range []float64{0.0001, 0.1, 0.5, 0.9, 0.99, 0.999, 1} {
		want := all[int(math.Ceil(share*float64(len(all))))-1]
		if got := l.quantile(share); got < want || got > want+want/8 {
			t.Errorf("quantile %g is %d, want %d to %d", share, got, want, want+want/8)
		}
	}
	p := l.percentiles()
	if p.Count != 10_000 || p.Max != float64(all[len(all)-1])/1e3 || p.P50 > p.P95 || p.Mean <= 0 {
		t.Errorf("percentiles %+v", p)
	}
	if empty := new(latencies).percentiles(); empty != (percentiles{}) {
		t.Errorf("of nothing: %+v", empty)
	}
}

// Any duration has a bucket, next to those of its neighbours.
func TestBuckets(t *testing.T) {
	last := -1
	for ns := uint64(0); ns < 1<<63; ns += 1 + ns/100 {
		b := bucketOf(ns)
		if b < last || b > last+1 || uint64(upTo(b)) < ns {
			t.Fatalf("%d ns: bucket %d after %d, up to %d", ns, b, last, upTo(b))
		}
		last = b
	}
	if b := bucketOf(math.MaxInt64); b >= len(latencies{}.buckets) {
		t.Errorf("bucket %d", b)
	}
}

func TestTimestampOf(t *testing.T) {
	at, ok := timestampOf([]byte(`{"event_type":"a.b.started","event_timestamp":"2025-11-05T12:34:56.123456+00:00","source_node_id":"n1"`))
	if want := time.Date(2025, 11, 5, 12, 34, 56, 123456000, time.UTC); !ok || !at.Equal(want) {
		t.Errorf("%v, %v; want %v", at, ok, want)
	}
	for _, value := range []string{"", `{"event_timestamp":"2025`, `{"event_timestamp":"yesterday"}`} {
		if at, ok := timestampOf([]byte(value)); ok {
			t.Errorf("%s: %v", value, at)
		}
	}
}
