package main

import (
	"fmt"
	"io"
	"os"
	"text/tabwriter"
)

// print prints the report as a table.
func (r *report) print(out io.Writer) {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(name, format string, args ...any) {
		fmt.Fprintf(t, "%s\t%s\n", name, fmt.Sprintf(format, args...))
	}
	early := ""
	if r.Ended {
		early = ", ended early"
	}
	line("fleet", "%d nodes of %d services, %d topics, %d publishers; Kafka: %s", r.Nodes, r.Services, r.Topics, r.Publishers, r.Kafka)
	line("published", "%.1f s at %s%s; mix %s", r.Seconds, rate(r.Rate), early, r.Mix)
	if r.Partitions > 0 {
		line("topics", "made with %d partitions each in %.1f s", r.Partitions, r.CreateSeconds)
	}
	line("warm-up", "%d events in %.1f s, %.2f s of CPU", r.WarmUp.Events, r.WarmUp.Seconds, r.WarmUp.CPU)
	line("throughput", "%.0f accepted/s, %.0f delivered/s; the last ones %.2f s after the end", r.AcceptedPerSecond, r.DeliveredPerSecond, r.Drained)
	line("publish", "%s", r.Publish)
	if r.Delivery != nil {
		line("delivery", "%s", r.Delivery)
	}
	l := r.Ledger
	line("ledger", "%d accepted = %d delivered + %d dead-lettered + %d spooled + %d in flight + %d lost; %d rejected",
		l.Accepted, l.Delivered, l.DeadLettered, l.Spooled, l.InFlight, l.Lost, l.Rejected)
	line("health", "%s", r.health())
	line("memory", "%s for the nodes (%s each), heap up to %s, process up to %s",
		size(r.Memory.Nodes), size(r.Memory.Nodes/int64(r.Nodes)), size(r.Memory.HeapPeak), size(r.Memory.RSSPeak))
	line("CPU", "%.2f s, %s per delivered event", r.CPU, duration(1e6*r.cpuPerEvent()))
	if w := r.Traffic; w != nil {
		line("traffic", "%d connections, %d produce requests of %.1f events in batches of %.1f, %s sent; %d metadata requests that brought %s",
			w.Connections, w.ProduceRequests, w.RecordsPerRequest, w.RecordsPerBatch, size(w.SentBytes), w.Metadata, size(w.MetadataBytes))
	}
	t.Flush()
}

func (r *report) health() string {
	text := "up"
	if len(r.Causes) > 0 {
		text = fmt.Sprintf("not up: %v", r.Causes)
	}
	if len(r.TopicCauses) > 0 {
		text += fmt.Sprintf("; topics that suffer: %v", r.TopicCauses)
	}
	if len(r.Losses) > 0 {
		text += fmt.Sprintf("; losses: %v", r.Losses)
	}
	return text
}

func (p percentiles) String() string {
	d := duration
	return fmt.Sprintf("mean %s, p50 %s, p95 %s, p99 %s, p99.9 %s, max %s", d(p.Mean), d(p.P50), d(p.P95), d(p.P99), d(p.P999), d(p.Max))
}

// duration returns microseconds with three digits.
func duration(us float64) string {
	switch {
	case us < 1000:
		return fmt.Sprintf("%.3g µs", us)
	case us < 1e6:
		return fmt.Sprintf("%.3g ms", us/1e3)
	default:
		return fmt.Sprintf("%.3g s", us/1e6)
	}
}

func rate(r float64) string {
	if r == 0 {
		return "the rate of delivery"
	}
	return fmt.Sprintf("%.0f/s", r)
}

func size(bytes int64) string {
	switch b := float64(bytes); {
	case bytes >= 1<<30:
		return fmt.Sprintf("%.1f GiB", b/(1<<30))
	case bytes >= 1<<20:
		return fmt.Sprintf("%.1f MiB", b/(1<<20))
	default:
		return fmt.Sprintf("%.1f KiB", b/(1<<10))
	}
}

// isTerminal tells whether a person may be reading.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
