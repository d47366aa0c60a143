package kafka

import (
	"context"
	"errors"
	"net"
	"reflect"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kversion"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/plain"

	"github.com/omninode-ai/onexevents/runtime/internal/health"
)

// All that the options say of how to reach Kafka is kept, and nothing else.
func TestReach(t *testing.T) {
	opts := []kgo.Opt{
		kgo.ClientID("me"),
		kgo.SoftwareNameAndVersion("mine", "7"),
		kgo.Dialer(func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no") }),
		kgo.WithLogger(kgo.BasicLogger(t.Output(), kgo.LogLevelError, nil)),
		kgo.WithContext(t.Context()),
		kgo.RequestTimeoutOverhead(7 * time.Second),
		kgo.ConnIdleTimeout(8 * time.Second),
		kgo.MaxVersions(kversion.V3_0_0()),
		kgo.MinVersions(kversion.V2_0_0()),
		kgo.RetryBackoffFn(func(int) time.Duration { return time.Second }),
		kgo.RetryTimeoutFn(func(int16) time.Duration { return time.Minute }),
		kgo.RequestRetries(9),
		kgo.BrokerMaxWriteBytes(10 << 20),
		kgo.BrokerMaxReadBytes(200 << 20),
		kgo.SeedBrokers("a:1", "b:2"),
		kgo.SASL(plain.Auth{User: "u", Pass: "p"}.AsMechanism()),
		kgo.WithHooks(health.New(health.Config{}).Hooks()),
		kgo.MaxBufferedRecords(7),
	}
	unchanged, err := unborn(opts)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := reach(opts)
	if err != nil {
		t.Fatal(err)
	}
	client, err := unborn(kept)
	if err != nil {
		t.Fatal(err)
	}
	for _, option := range []any{
		kgo.ClientID, kgo.SoftwareNameAndVersion, kgo.Dialer, kgo.WithLogger, kgo.WithContext, kgo.RequestTimeoutOverhead, kgo.ConnIdleTimeout,
		kgo.MaxVersions, kgo.MinVersions, kgo.RetryBackoffFn, kgo.RetryTimeoutFn, kgo.RequestRetries, kgo.BrokerMaxWriteBytes, kgo.BrokerMaxReadBytes,
		kgo.SeedBrokers,
	} {
		got, want := client.OptValues(option), unchanged.OptValues(option)
		same := reflect.DeepEqual(got, want)
		if v := reflect.ValueOf(want[0]); v.Kind() == reflect.Func {
			same = reflect.ValueOf(got[0]).Pointer() == v.Pointer()
		}
		if !same {
			t.Errorf("%v, want %v", got, want)
		}
	}
	if m := client.OptValue(kgo.SASL).([]sasl.Mechanism); len(m) != 1 || m[0].Name() != "PLAIN" {
		t.Errorf("mechanisms %v", m)
	}
	if hooks := client.OptValue(kgo.WithHooks).([]kgo.Hook); len(hooks) != 1 {
		t.Errorf("%d hooks, and one is our own", len(hooks))
	}
	if _, err := Reach([]kgo.Opt{kgo.SeedBrokers("a:port")}); err == nil {
		t.Error("options that are wrong are taken")
	}
}
