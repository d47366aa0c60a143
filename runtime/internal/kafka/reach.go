package kafka

import (
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
)

// Reach returns what the options say of how to reach Kafka and to ask it,
// and nothing else. A hook with a life of its own, such as one that registers
// metrics, can be with one client at a time, and that is the publisher's. What the
// program has given is guarded.
func Reach(opts []kgo.Opt) ([]kgo.Opt, error) {
	kept, err := reach(opts)
	if err != nil {
		return nil, err
	}
	like, err := unborn(kept)
	if err != nil {
		return nil, err
	}
	return append(kept, guardCallbacks(like, guard{func(string, ...any) {}})...), nil
}

func reach(opts []kgo.Opt) ([]kgo.Opt, error) {
	client, err := unborn(append(bounds(), opts...))
	if err != nil {
		return nil, err
	}
	var kept []kgo.Opt
	for _, option := range connectionOptions {
		if opt := option(client); opt != nil {
			kept = append(kept, opt)
		}
	}
	return kept, nil
}

// connectionOptions make from a client's settings options for another one.
var connectionOptions = []func(*kgo.Client) kgo.Opt{
	same(kgo.ClientID),
	same(kgo.Dialer), // which knows of TLS, and of the time that dialling may take
	same(kgo.WithLogger),
	same(kgo.WithContext),
	same(kgo.RequestTimeoutOverhead),
	same(kgo.ConnIdleTimeout),
	same(kgo.MaxVersions),
	same(kgo.MinVersions),
	same(kgo.RetryBackoffFn),
	same(kgo.RetryTimeoutFn),
	same(kgo.BrokerMaxWriteBytes),
	same(kgo.BrokerMaxReadBytes),
	func(c *kgo.Client) kgo.Opt { return kgo.FetchMaxBytes(c.OptValue(kgo.FetchMaxBytes).(int32)) }, // the bound of the former
	func(c *kgo.Client) kgo.Opt { return kgo.SeedBrokers(c.OptValue(kgo.SeedBrokers).([]string)...) },
	func(c *kgo.Client) kgo.Opt {
		var guarded []sasl.Mechanism
		for _, m := range c.OptValue(kgo.SASL).([]sasl.Mechanism) {
			guarded = append(guarded, mechanism{m})
		}
		return kgo.SASL(guarded...)
	},
	func(c *kgo.Client) kgo.Opt { return kgo.RequestRetries(int(c.OptValue(kgo.RequestRetries).(int64))) },
	func(c *kgo.Client) kgo.Opt {
		software := c.OptValues(kgo.SoftwareNameAndVersion)
		return kgo.SoftwareNameAndVersion(software[0].(string), software[1].(string))
	},
}

// same makes the option that a client was made with, nil if it has none.
func same[T any](option func(T) kgo.Opt) func(*kgo.Client) kgo.Opt {
	return func(c *kgo.Client) kgo.Opt {
		value, ok := c.OptValue(option).(T)
		if !ok {
			return nil
		}
		return option(value)
	}
}
