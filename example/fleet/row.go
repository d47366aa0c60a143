package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// columns are the figures of which -row prints those that it names.
var columns = map[string]func(*report) string{
	"nodes":         func(r *report) string { return fmt.Sprint(r.Nodes) },
	"topics":        func(r *report) string { return fmt.Sprint(r.Topics) },
	"partitions":    func(r *report) string { return fmt.Sprint(r.Partitions) },
	"publishers":    func(r *report) string { return fmt.Sprint(r.Publishers) },
	"rate":          func(r *report) string { return strings.TrimSuffix(rate(r.Rate), "/s") },
	"accepted/s":    func(r *report) string { return fmt.Sprintf("%.0f", r.AcceptedPerSecond) },
	"delivered/s":   func(r *report) string { return fmt.Sprintf("%.0f", r.DeliveredPerSecond) },
	"rejected":      func(r *report) string { return fmt.Sprint(r.Ledger.Rejected) },
	"publish p50":   func(r *report) string { return duration(r.Publish.P50) },
	"publish p99":   func(r *report) string { return duration(r.Publish.P99) },
	"publish p99.9": func(r *report) string { return duration(r.Publish.P999) },
	"delivery p50":  func(r *report) string { return duration(r.delivery().P50) },
	"delivery p99":  func(r *report) string { return duration(r.delivery().P99) },
	"CPU/event":     func(r *report) string { return duration(1e6 * r.cpuPerEvent()) },
	"per batch":     func(r *report) string { return fmt.Sprintf("%.1f", r.traffic().RecordsPerBatch) },
	"per request":   func(r *report) string { return fmt.Sprintf("%.1f", r.traffic().RecordsPerRequest) },
	"connections":   func(r *report) string { return fmt.Sprint(r.traffic().Connections) },
	"node":          func(r *report) string { return size(r.Memory.Nodes / int64(r.Nodes)) },
	"heap":          func(r *report) string { return size(r.Memory.HeapPeak) },
	"RSS":           func(r *report) string { return size(r.Memory.RSSPeak) },
	"create":        func(r *report) string { return fmt.Sprintf("%.1f s", r.CreateSeconds) },
	"warm-up":       func(r *report) string { return fmt.Sprintf("%.1f s", r.WarmUp.Seconds) },
	"warm-up CPU":   func(r *report) string { return fmt.Sprintf("%.2f s", r.WarmUp.CPU) },
}

// checkColumns reports names that are no column's.
func checkColumns(names string) error {
	for name := range strings.SplitSeq(names, ",") {
		if columns[name] == nil {
			return fmt.Errorf("-row has %q; there is %s", name, strings.Join(sortedColumns(), ", "))
		}
	}
	return nil
}

// row prints the report as a row of a table in Markdown.
func (r *report) row(out io.Writer, names string) {
	for name := range strings.SplitSeq(names, ",") {
		fmt.Fprintf(out, "| %s ", columns[name](r))
	}
	fmt.Fprintln(out, "|")
}

func sortedColumns() []string { return slices.Sorted(maps.Keys(columns)) }

// delivery and traffic are zero without hooks.

func (r *report) delivery() percentiles {
	if r.Delivery == nil {
		return percentiles{}
	}
	return *r.Delivery
}

func (r *report) traffic() traffic {
	if r.Traffic == nil {
		return traffic{}
	}
	return *r.Traffic
}
