package onexotel_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdk "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/onexotel"
	"github.com/omninode-ai/onexevents/runtime/spool"
)

// measuring is a program's meter.
type measuring struct {
	*sdk.ManualReader
	*sdk.MeterProvider
}

func newMeasuring() measuring {
	reader := sdk.NewManualReader()
	return measuring{reader, sdk.NewMeterProvider(sdk.WithReader(reader))}
}

// read returns the metrics, each with its kind and unit, and their values by the attributes.
func (m measuring) read(t *testing.T) (kinds map[string]string, values map[string]float64) {
	t.Helper()
	var data metricdata.ResourceMetrics
	if err := m.Collect(t.Context(), &data); err != nil {
		t.Fatal(err)
	}
	kinds, values = map[string]string{}, map[string]float64{}
	for _, scope := range data.ScopeMetrics {
		for _, x := range scope.Metrics {
			add := func(kind string, set attribute.Set, value float64) {
				kinds[x.Name] = kind + " " + x.Unit
				name := x.Name
				for _, a := range set.ToSlice() {
					name += fmt.Sprintf(" %s=%s", a.Key, a.Value.String())
				}
				values[name] = value
			}
			switch d := x.Data.(type) {
			case metricdata.Sum[int64]:
				for _, p := range d.DataPoints {
					add(map[bool]string{true: "counter", false: "up-down"}[d.IsMonotonic], p.Attributes, float64(p.Value))
				}
			case metricdata.Gauge[int64]:
				for _, p := range d.DataPoints {
					add("gauge", p.Attributes, float64(p.Value))
				}
			case metricdata.Gauge[float64]:
				for _, p := range d.DataPoints {
					add("gauge", p.Attributes, p.Value)
				}
			case metricdata.Histogram[float64]:
				for _, p := range d.DataPoints {
					add("histogram", p.Attributes, float64(p.Count))
					if len(p.Bounds) != 14 || p.Sum <= 0 {
						t.Errorf("%s has the bounds %v and the sum %v", x.Name, p.Bounds, p.Sum)
					}
				}
			default:
				t.Errorf("%s is a %T", x.Name, d)
			}
			if x.Description == "" {
				t.Errorf("%s has no description", x.Name)
			}
		}
	}
	return kinds, values
}

// The metrics are those of the page of the package, with the publisher's numbers.
func TestMetrics(t *testing.T) {
	m := newMeasuring()
	tel := onexotel.New(onexotel.WithMeterProvider(m), onexotel.WithAttributes(attribute.String("which", "1")))
	sp, err := spool.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	pub := newPublisher(t, tel, onex.Config{Spool: sp, MaxInFlight: 7, MaxInFlightBytes: 1 << 20}, []string{"127.0.0.1:1"})
	stop, err := tel.Observe(pub)
	if err != nil {
		t.Fatal(err)
	}
	if err := operation(pub, "x").Started(testContext(t), id, onex.None{}, onex.Durable()); err != nil {
		t.Fatal(err)
	}
	_ = operation(pub, "x").Failed(t.Context(), id, nil, 0) // is refused
	ctx := testContext(t)
	for pub.Stats().SpoolOldest.IsZero() || pub.Health().Cause == onex.CauseConnecting {
		if pause(ctx); ctx.Err() != nil {
			t.Fatalf("%+v", pub.Stats())
		}
	}
	kinds, away := m.read(t)

	cluster := startKafka(t)
	cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: "dev.a.effect.x.completed.v1", Err: kerr.MessageTooLarge, Count: -1})
	up := newPublisher(t, tel, onex.Config{}, cluster.ListenAddrs())
	stopUp, err := tel.Observe(up)
	if err != nil {
		t.Fatal(err)
	}
	stop()
	if err := onex.RunBare(ctx, operation(up, "x"), func(context.Context) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if err := up.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	more, there := m.read(t)
	maps.Copy(kinds, more)
	if want := map[string]string{
		"onex.events.accepted": "counter {event}", "onex.events.rejected": "counter {event}", "onex.events.delivered": "counter {event}",
		"onex.events.dead_lettered": "counter {event}", "onex.events.lost": "counter {event}",
		"onex.queue.events": "up-down {event}", "onex.queue.events.limit": "up-down {event}", "onex.queue.size": "up-down By",
		"onex.queue.size.limit": "up-down By", "onex.spool.events": "up-down {event}", "onex.spool.size": "up-down By",
		"onex.spool.oldest.timestamp": "gauge s", "onex.health.up": "gauge ", "onex.health.cause": "gauge ",
		"onex.health.since.timestamp": "gauge s", "onex.delivery.duration": "histogram s",
	}; !equal(kinds, want) {
		t.Errorf("metrics %v, want %v", kinds, want)
	}
	check(t, "away", away, map[string]float64{
		"onex.events.accepted which=1": 1, "onex.events.rejected which=1": 1, "onex.events.delivered which=1": 0,
		"onex.spool.events which=1": 1, "onex.spool.size which=1": float64(pub.Stats().SpoolBytes),
		"onex.queue.events.limit which=1": 7, "onex.queue.size.limit which=1": 1 << 20, "onex.health.up which=1": 0,
		"onex.health.cause cause=refused which=1": 1, "onex.events.lost reason=dead letter which=1": 0,
	})
	if at := away["onex.spool.oldest.timestamp which=1"]; time.Since(time.Unix(int64(at), 0)) > time.Minute || away["onex.health.since.timestamp which=1"] < 1e9 {
		t.Errorf("the oldest event is of %v: %v", at, away)
	}
	check(t, "there", there, map[string]float64{
		"onex.events.accepted which=1": 2, "onex.events.delivered which=1": 1, "onex.events.dead_lettered code=MESSAGE_TOO_LARGE which=1": 1,
		"onex.queue.events which=1": 0, "onex.health.up which=1": 1, "onex.delivery.duration which=1": 1,
	})
	for name := range there {
		if strings.HasPrefix(name, "onex.health.cause") || strings.HasPrefix(name, "onex.spool.oldest") {
			t.Errorf("%s of a publisher that is up and has no spool", name)
		}
	}
	stopUp()
	if _, after := m.read(t); len(after) != 1 {
		t.Errorf("after stop there are %v", slices.Sorted(maps.Keys(after)))
	}
	page, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for name := range kinds {
		group, rest, _ := strings.Cut(strings.TrimPrefix(name, "onex."), ".")
		if !strings.Contains(string(page), "onex."+group+".") || !strings.Contains(string(page), "."+rest) {
			t.Errorf("the package's page does not have %s", name)
		}
	}
}

func check(t *testing.T, what string, got, want map[string]float64) {
	t.Helper()
	for name, value := range want {
		if v, ok := got[name]; !ok || v != value {
			t.Errorf("%s: %s is %v (%v), want %v", what, name, v, ok, value)
		}
	}
}

func pause(ctx context.Context) {
	select {
	case <-time.After(5 * time.Millisecond):
	case <-ctx.Done():
	}
}

// A meter that cannot give instruments is an error, a publisher that is nil none.
func TestObserve(t *testing.T) {
	m := newMeasuring()
	stop, err := onexotel.New(onexotel.WithMeterProvider(m)).Observe(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, values := m.read(t); values["onex.health.up"] != 0 || values["onex.health.cause cause=other"] != 1 {
		t.Errorf("%v", values)
	}
	stop()
	stop()
	if _, err := onexotel.New(onexotel.WithMeterProvider(poorMeters{m})).Observe(nil); !errors.Is(err, errPoor) {
		t.Errorf("%v", err)
	}
}

type poorMeters struct{ metric.MeterProvider }

type poorMeter struct{ metric.Meter }

var errPoor = errors.New("no gauges")

func (p poorMeters) Meter(name string, opts ...metric.MeterOption) metric.Meter {
	return poorMeter{p.MeterProvider.Meter(name, opts...)}
}

func (poorMeter) Float64ObservableGauge(string, ...metric.Float64ObservableGaugeOption) (metric.Float64ObservableGauge, error) {
	return nil, errPoor
}
