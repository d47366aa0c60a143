//go:build kafka

package kafkatest_test

import (
	"crypto/x509"
	"errors"
	"net"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	onex "github.com/omninode-ai/onexevents/runtime"
	kafkacluster "github.com/omninode-ai/onexevents/testdata/kafka"
)

// Whatever is wrong between the publisher and the brokers, its health says what,
// and the events are kept; the next publisher, with the right settings, delivers
// them.
func TestHealthTellsFaultsApart(t *testing.T) {
	b := newBench(t, 1)
	secret := kafkacluster.Password(kafkacluster.Publisher)
	right := []kgo.Opt{b.Seeds(kafkacluster.SASL), b.tls("ca", ""), kafkacluster.Scram(kafkacluster.Publisher, secret)}
	certificate := func(reason x509.InvalidReason) func(error) bool {
		return func(err error) bool {
			fault, ok := errors.AsType[x509.CertificateInvalidError](err)
			return ok && fault.Reason == reason
		}
	}
	for name, tt := range map[string]struct {
		opts  []kgo.Opt
		cause onex.Cause
		is    func(error) bool // what Health.Err is
	}{
		"wrong password, SCRAM": {
			[]kgo.Opt{b.Seeds(kafkacluster.SASL), b.tls("ca", ""), kafkacluster.Scram(kafkacluster.Publisher, "guess")},
			onex.CauseAuthentication, isAnswer(kerr.SaslAuthenticationFailed),
		},
		"wrong password, PLAIN": {
			[]kgo.Opt{b.Seeds(kafkacluster.SASL), b.tls("ca", ""), kafkacluster.Plain(kafkacluster.Publisher, "guess")},
			onex.CauseAuthentication, isAnswer(kerr.SaslAuthenticationFailed),
		},
		"unknown user": {
			[]kgo.Opt{b.Seeds(kafkacluster.SASL), b.tls("ca", ""), kafkacluster.Scram("nobody", secret)},
			onex.CauseAuthentication, isAnswer(kerr.SaslAuthenticationFailed),
		},
		"no user": {
			[]kgo.Opt{b.Seeds(kafkacluster.SASL), b.tls("ca", "")},
			onex.CauseAuthentication, isAny,
		},
		"unknown CA": {
			[]kgo.Opt{b.Seeds(kafkacluster.SASL), b.tls("stranger-ca", ""), kafkacluster.Scram(kafkacluster.Publisher, secret)},
			onex.CauseTLS, func(err error) bool { _, ok := errors.AsType[x509.UnknownAuthorityError](err); return ok },
		},
		"expired certificate of the broker": {
			[]kgo.Opt{b.Seeds(kafkacluster.Expired), b.tls("ca", "client")},
			onex.CauseTLS, certificate(x509.Expired),
		},
		"expired certificate of the client": {
			[]kgo.Opt{b.Seeds(kafkacluster.SSL), b.tls("ca", "client-expired")},
			onex.CauseTLS, isAlert,
		},
		"client's certificate of an unknown CA": {
			[]kgo.Opt{b.Seeds(kafkacluster.SSL), b.tls("ca", "client-stranger")},
			onex.CauseTLS, isAlert,
		},
		"no certificate of the client": {
			[]kgo.Opt{b.Seeds(kafkacluster.SSL), b.tls("ca", "")},
			onex.CauseTLS, isAlert,
		},
		"no TLS": {
			[]kgo.Opt{b.Seeds(kafkacluster.SSL)},
			onex.CauseTLS, isAny,
		},
		"TLS where there is none": {
			[]kgo.Opt{b.Seeds(kafkacluster.Plaintext), b.tls("ca", "")},
			onex.CauseTLS, isAny,
		},
		"nobody there": {
			[]kgo.Opt{kgo.SeedBrokers("127.0.0.1:1")},
			onex.CauseRefused, isAny,
		},
		"no such name": {
			[]kgo.Opt{kgo.SeedBrokers("kafka.invalid:9092")},
			onex.CauseDNS, isAny,
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, 1)
			b.CreateTopics(t, 3, nil, b.topicOf("s"))
			first := b.open(onex.Config{}, tt.opts...)
			b.meter(first, "s").some(10)
			b.until(first, "down", func() bool { h := first.Health(); return !h.Up && h.Cause == tt.cause })
			if h := first.Health(); !tt.is(h.Err) {
				t.Errorf("error %v (%[1]T)", h.Err)
			}
			b.closeNow(first)

			next := b.open(onex.Config{}, right...)
			b.meter(next, "s").some(10)
			b.close(next)
			if g := next.Ledger(); g.Delivered != 20 {
				t.Errorf("ledger %+v", g)
			}
			b.reckon(first.Ledger(), next.Ledger())
		})
	}
}

func isAny(err error) bool { return err != nil }

func isAnswer(answer *kerr.Error) func(error) bool {
	return func(err error) bool { return errors.Is(err, answer) }
}

// isAlert tells that the broker has refused the handshake.
func isAlert(err error) bool {
	fault, ok := errors.AsType[*net.OpError](err)
	return ok && fault.Op == "remote error"
}

// A user who may not write to one topic suffers there alone: the health names
// it, other topics flow, and when the user may, the events arrive.
func TestMissingACL(t *testing.T) {
	b := newBench(t, 1)
	b.CreateTopics(t, 3, nil, b.topicOf("open"), b.topicOf("locked"))
	unlock := b.Deny(t, kafkacluster.Publisher, b.topicOf("locked"), kadm.OpWrite)
	pub := b.open(onex.Config{}, b.Seeds(kafkacluster.SASL), b.tls("ca", ""), scram(kafkacluster.Publisher))
	free, locked := b.meter(pub, "open"), b.meter(pub, "locked")
	locked.some(100)
	free.some(100)
	b.until(pub, "suffering", func() bool { return pub.Health().Topics[locked.topic] == onex.CauseAuthorization })
	b.until(pub, "delivered", func() bool { return pub.Ledger().Delivered == 100 })
	free.some(100)
	b.until(pub, "delivered", func() bool { return pub.Ledger().Delivered == 200 })
	if h := pub.Health(); !h.Up || len(h.Topics) != 1 {
		t.Errorf("health %+v", h)
	}
	unlock()
	b.until(pub, "all well", func() bool { return pub.Health().Topics == nil && pub.Ledger().Delivered == 300 })
	b.close(pub)
	b.reckon(pub.Ledger())
}

// A user who may do nothing at all gets no producer id, and nothing can arrive.
// Once there is another topic that is theirs, the one that they may not even see,
// and that brokers do not describe, suffers alone.
func TestMissingACLToDescribe(t *testing.T) {
	b := newBench(t, 1)
	b.CreateTopics(t, 3, nil, b.topicOf("open"), b.topicOf("hidden"))
	pub := b.open(onex.Config{}, b.Seeds(kafkacluster.SASL), b.tls("ca", ""), scram(kafkacluster.Guest))
	free, hidden := b.meter(pub, "open"), b.meter(pub, "hidden")
	hidden.some(100)
	b.until(pub, "down", func() bool { h := pub.Health(); return !h.Up && h.Cause == onex.CauseAuthorization })
	free.some(100)
	b.Allow(t, kafkacluster.Guest, free.topic, kadm.OpWrite, kadm.OpDescribe)
	b.until(pub, "delivered", func() bool { return pub.Ledger().Delivered == 100 })
	b.until(pub, "suffering", func() bool {
		h := pub.Health()
		return h.Up && len(h.Topics) == 1 && h.Topics[hidden.topic] == onex.CauseAuthorization
	})
	b.Allow(t, kafkacluster.Guest, hidden.topic, kadm.OpWrite, kadm.OpDescribe)
	b.until(pub, "all well", func() bool { return pub.Health().Topics == nil && pub.Ledger().Delivered == 200 })
	b.close(pub)
	b.reckon(pub.Ledger())
}
