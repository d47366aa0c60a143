package onexprom_test

import (
	"maps"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/omninode-ai/onexevents/runtime/onexprom"
)

// promName returns what Prometheus makes of a metric that comes by OpenTelemetry.
func promName(name, unit, kind string) string {
	name = strings.ReplaceAll(name, ".", "_")
	switch unit {
	case "s":
		name += "_seconds"
	case "By":
		name += "_bytes"
	case "1":
		name += "_ratio"
	}
	if kind == "counter" {
		name += "_total"
	}
	return name
}

// The metrics of runtime/onexotel come to Prometheus under our names, and with our
// words: so the alerts and the dashboard are for both.
func TestSameAsOpenTelemetry(t *testing.T) {
	source, err := os.ReadFile("../onexotel/metrics.go")
	if err != nil {
		t.Fatal(err)
	}
	theirs := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^\t\{"([^"]+)", "([^"]*)", "([^"]*)", (\w+), `).FindAllStringSubmatch(string(source), -1) {
		theirs[promName(m[1], m[2], m[4])] = m[3]
	}
	for _, m := range regexp.MustCompile(`Histogram\("([^"]+)", metric.WithUnit\("(\w+)"\),\s+metric.WithDescription\("([^"]*)"`).FindAllStringSubmatch(string(source), -1) {
		theirs[promName(m[1], m[2], "histogram")] = m[3]
	}
	ours := map[string]string{}
	descs := make(chan *prometheus.Desc, 100)
	onexprom.NewCollector(nil).Describe(descs)
	close(descs)
	for d := range descs {
		m := regexp.MustCompile(`fqName: "(\w+)", help: "([^"]*)"`).FindStringSubmatch(d.String())
		ours[m[1]] = m[2]
	}
	if !maps.Equal(ours, theirs) {
		t.Errorf("OpenTelemetry has\n%v\nand we have\n%v", theirs, ours)
	}
}
