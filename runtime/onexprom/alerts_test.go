package onexprom_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/omninode-ai/onexevents/runtime/internal/health"
	"github.com/omninode-ai/onexevents/runtime/onexprom"
)

var update = flag.Bool("update", false, "write alerts.yml and what promtool tests them with")

// alert is one rule, and what makes it fire.
type alert struct {
	Name, Expr, For, Severity  string
	Summary, Description, What string // what: to do

	Series []string // that make it fire, as promtool has them, with a sample each minute
	Labels string   // what it says then, beside job and instance
}

// alerts are those about events, and one for each cause of bad health.
func alerts() []alert {
	all := []alert{
		{
			Name: "OnexeventsLost", Expr: seen("onex_events_lost_total"), Severity: "critical",
			Summary:     "events are lost ({{ $labels.reason }})",
			Description: "The log line 'event lost' and Config.OnLoss name each of them.",
			What:        "see the reason: closed: give Close more time, or the publisher a spool; refused, dead letter: let Kafka take the event or its dead letter; dropped: raise Config.MaxInFlight; evicted: give the spool more room; damaged, foreign: onexctl spool verify",
			Series:      []string{`onex_events_lost_total{job="j",instance="i",reason="evicted"} 0x9 1x20`}, Labels: `reason: evicted`,
		},
		{
			Name: "OnexeventsDeadLettered", Expr: seen("onex_events_dead_lettered_total"), Severity: "warning",
			Summary:     "events are dead letters ({{ $labels.code }})",
			Description: "Kafka has refused them for their own sake. The log line 'event dead-lettered' names each of them.",
			What:        "onexctl dlq list; raise the topic's max.message.bytes, or have smaller metadata; then onexctl dlq replay",
			Series:      []string{`onex_events_dead_lettered_total{job="j",instance="i",code="MESSAGE_TOO_LARGE"} _x9 1x20`}, Labels: `code: MESSAGE_TOO_LARGE`,
		},
		{
			Name: "OnexeventsRejected", Expr: seen("onex_events_rejected_total"), Severity: "warning",
			Summary:     "publish methods refuse events",
			Description: "Their error says why, and so does the log line 'event not published' of a Run method.",
			What:        "if the queue is full, see the health and its cause; else correct what the error says of the event",
			Series:      []string{`onex_events_rejected_total{job="j",instance="i"} 3x9 5x20`},
		},
		{
			Name: "OnexeventsQueueFull", For: "2m", Severity: "critical",
			Expr:        "onex_queue_events / onex_queue_events_limit > 0.8 or onex_queue_size_bytes / onex_queue_size_limit_bytes > 0.8",
			Summary:     "the queue is nearly full",
			Description: "Beyond its bounds events are refused, or older ones are lost (Config.QueueFull).",
			What:        "see the health and its cause; if events get to Kafka, raise Config.MaxInFlight and Config.MaxInFlightBytes, or have brokers that take more",
			Series:      []string{`onex_queue_events{job="j",instance="i"} 9000x20`, `onex_queue_events_limit{job="j",instance="i"} 10000x20`},
		},
		{
			Name: "OnexeventsSpoolOld", Expr: "time() - onex_spool_oldest_timestamp_seconds > 3600", For: "5m", Severity: "warning",
			Summary:     "events wait in the spool for more than an hour",
			Description: "They are safe until the spool is full or they are too old for it; then they are lost.",
			What:        "see the health and its cause, also of single topics; onexctl spool list shows what waits",
			Series:      []string{`onex_spool_oldest_timestamp_seconds{job="j",instance="i"} -3600x20`},
		},
		{
			Name: "OnexeventsSlow", For: "5m", Severity: "warning",
			Expr:        "histogram_quantile(0.99, rate(onex_delivery_duration_seconds_bucket[5m])) > 2.5",
			Summary:     "Kafka takes seconds to acknowledge events",
			Description: "One in a hundred takes longer than 2.5 seconds.",
			What:        "look at the brokers' load, their disks, and at the topics' min.insync.replicas",
			Series: []string{
				`onex_delivery_duration_seconds_bucket{job="j",instance="i",le="2.5"} 0+1x20`,
				`onex_delivery_duration_seconds_bucket{job="j",instance="i",le="5"} 0+99x20`,
				`onex_delivery_duration_seconds_bucket{job="j",instance="i",le="+Inf"} 0+99x20`,
			},
		},
	}
	all = append(all, alert{
		Name: "OnexeventsDown", For: "5m", Severity: "critical",
		Expr:        `onex_health_up == 0 unless ignoring (cause) onex_health_cause{cause="closed"} == 1`,
		Summary:     "no events get to Kafka",
		Description: "The cause need not be the same all the time: the log line 'health changed' has each of them.",
		What:        "see the alerts of the causes, and onex_health_cause, which has the present one",
		Series: []string{
			`onex_health_up{job="j",instance="i"} 0x20`,
			`onex_health_cause{job="j",instance="i",cause="refused"} ` + strings.Repeat("1 _ ", 10),
			`onex_health_cause{job="j",instance="i",cause="timeout"} ` + strings.Repeat("_ 1 ", 10),
		},
	})
	for _, c := range health.Causes {
		a := alert{
			Name: "Onexevents" + camel(string(c.Code)), For: "2m", Severity: "warning",
			Expr:        `onex_health_cause{cause="` + string(c.Code) + `"} == 1 or onex_health_topics{cause="` + string(c.Code) + `"} > 0`,
			Summary:     c.Title,
			Description: "The log line 'health changed' and Publisher.HealthHandler have the error, and which topics it is if not all.",
			What:        c.Remedy,
			Series:      []string{`onex_health_cause{job="j",instance="i",cause="` + string(c.Code) + `"} 1x20`},
			Labels:      "cause: " + string(c.Code),
		}
		switch c.Code {
		case health.Closed:
			a.For = "10m" // a program that ends is no news
			a.What = "end the program, or have it make a new publisher: nothing of what it publishes is taken any more"
		case health.Other:
			a.What = "see the error in the log, and what the brokers' logs say at that time"
		}
		all = append(all, a)
	}
	return all
}

// seen is true for ten minutes when a counter rises, or is there for the first time and
// has risen already. One that is scraped again after a gap has not.
func seen(counter string) string {
	return "increase(" + counter + "[10m]) > 0 or (" + counter + " > 0 unless " + counter + " == last_over_time(" + counter + "[1d] offset 10m))"
}

func camel(code string) (name string) {
	for word := range strings.SplitSeq(code, "_") {
		name += strings.ToUpper(word[:1]) + word[1:]
	}
	return name
}

var rules = template.Must(template.New("alerts.yml").Funcs(template.FuncMap{"quote": quote}).Parse(`# Alerts about the publishers of onexevents. Each says in "remedy" what to do. The
# test of this folder writes this file: go test -run TestAlerts . -update
groups:
  - name: onexevents
    rules:
{{- range .}}
      - alert: {{.Name}}
        expr: {{quote .Expr}}
{{- with .For}}
        for: {{.}}
{{- end}}
        labels:
          severity: {{.Severity}}
        annotations:
          summary: {{quote (print "{{ $labels.instance }}: " .Summary)}}
          description: {{quote .Description}}
          remedy: {{quote .What}}
{{- end}}
`))

var ruleTests = template.Must(template.New("alerts_test.yml").Funcs(template.FuncMap{"quote": quote, "filled": filled, "parts": parts}).Parse(`# promtool test rules alerts_test.yml
rule_files: [alerts.yml]
evaluation_interval: 1m
tests:
  - name: all is well
    interval: 1m
    input_series:
      - {series: 'onex_health_up{job="j",instance="i"}', values: 1x60}
      - {series: 'onex_events_lost_total{job="j",instance="i",reason="closed"}', values: 0x60}
      - {series: 'onex_events_rejected_total{job="j",instance="i"}', values: 7x60}
      - {series: 'onex_events_dead_lettered_total{job="j",instance="i",code="RECORD_LIST_TOO_LARGE"}', values: 7x60}
      - {series: 'onex_queue_events{job="j",instance="i"}', values: 100x60}
      - {series: 'onex_queue_events_limit{job="j",instance="i"}', values: 10000x60}
      - {series: 'onex_spool_oldest_timestamp_seconds{job="j",instance="i"}', values: 0+60x60}
      - {series: 'onex_delivery_duration_seconds_bucket{job="j",instance="i",le="2.5"}', values: 0+99x60}
      - {series: 'onex_delivery_duration_seconds_bucket{job="j",instance="i",le="+Inf"}', values: 0+99x60}
    alert_rule_test:
{{- range .}}
      - {eval_time: 30m, alertname: {{.Name}}, exp_alerts: []}
{{- end}}
{{- range .}}
  - name: {{.Name}}
    interval: 1m
    input_series:
{{- range .Series}}
      - {series: '{{index (parts .) 0}}}', values: {{index (parts .) 1}}}
{{- end}}
    alert_rule_test:
      - eval_time: 15m
        alertname: {{.Name}}
        exp_alerts:
          - exp_labels: {job: j, instance: i, severity: {{.Severity}}{{with .Labels}}, {{.}}{{end}}}
            exp_annotations:
              summary: {{quote (filled .Summary .Labels)}}
              description: {{quote .Description}}
              remedy: {{quote .What}}
{{- end}}
  - name: Prometheus has been away
    interval: 1m
    input_series:
      - {series: 'onex_events_lost_total{job="j",instance="i",reason="closed"}', values: 7x30 _x20 7x30}
      - {series: 'onex_events_rejected_total{job="j",instance="i"}', values: 7x30 _x20 8x30}
    alert_rule_test:
      - {eval_time: 55m, alertname: OnexeventsLost, exp_alerts: []}
      - {eval_time: 75m, alertname: OnexeventsRejected, exp_alerts: []}
      - eval_time: 55m
        alertname: OnexeventsRejected
        exp_alerts:
          - exp_labels: {job: j, instance: i, severity: warning}
            exp_annotations:
{{- range .}}{{if eq .Name "OnexeventsRejected"}}
              summary: {{quote (filled .Summary .Labels)}}
              description: {{quote .Description}}
              remedy: {{quote .What}}
{{- end}}{{end}}
  - name: a program that ends
    interval: 1m
    input_series:
      - {series: 'onex_health_up{job="j",instance="i"}', values: 0x20}
      - {series: 'onex_health_cause{job="j",instance="i",cause="closed"}', values: 1x20}
    alert_rule_test:
      - {eval_time: 15m, alertname: OnexeventsDown, exp_alerts: []}
      - {eval_time: 8m, alertname: OnexeventsClosed, exp_alerts: []}
  - name: a topic that suffers alone
    interval: 1m
    input_series:
      - {series: 'onex_health_up{job="j",instance="i"}', values: 1x20}
      - {series: 'onex_health_topics{job="j",instance="i",cause="topic_missing"}', values: 3x20}
    alert_rule_test:
      - eval_time: 1m
        alertname: OnexeventsTopicMissing
        exp_alerts: []
      - eval_time: 15m
        alertname: OnexeventsTopicMissing
        exp_alerts:
          - exp_labels: {job: j, instance: i, severity: warning, cause: topic_missing}
            exp_annotations:
{{- range .}}{{if eq .Name "OnexeventsTopicMissing"}}
              summary: {{quote (filled .Summary .Labels)}}
              description: {{quote .Description}}
              remedy: {{quote .What}}
{{- end}}{{end}}
`))

// quote returns a text as YAML and JSON have it.
func quote(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s)
	return strings.TrimSpace(b.String())
}

// parts are a series and its values.
func parts(series string) []string { return strings.SplitN(series, "} ", 2) }

// filled returns a summary as an alert with the labels has it.
func filled(summary, labels string) string {
	name, value, _ := strings.Cut(labels, ": ")
	return "i: " + strings.ReplaceAll(summary, "{{ $labels."+name+" }}", value)
}

// Every cause of bad health has an alert that says the cause's own remedy, and what
// promtool tests the alerts with has each of them. The files are as this test would
// write them.
func TestAlerts(t *testing.T) {
	for _, tmpl := range []*template.Template{rules, ruleTests} {
		var text bytes.Buffer
		if err := tmpl.Execute(&text, alerts()); err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(tmpl.Name(), text.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if have, err := os.ReadFile(tmpl.Name()); err != nil || !bytes.Equal(have, text.Bytes()) {
			t.Errorf("%s is not what go test -run TestAlerts . -update would write (%v)", tmpl.Name(), err)
		}
	}
	known := names(onexprom.NewCollector(nil))
	for _, a := range alerts() {
		if a.What == "" {
			t.Errorf("%s does not say what to do", a.Name)
		}
		for _, metric := range metricsOf(a.Expr) {
			if _, ok := known[metric]; !ok {
				t.Errorf("%s asks for %s, which is none of %v", a.Name, metric, slices.Sorted(maps.Keys(known)))
			}
		}
	}
}

// metricsOf returns which of our metrics an expression has.
func metricsOf(expr string) (metrics []string) {
	for _, name := range regexp.MustCompile(`onex_\w+`).FindAllString(expr, -1) {
		metrics = append(metrics, regexp.MustCompile(`_(bucket|count|sum)$`).ReplaceAllString(name, ""))
	}
	return metrics
}
