package kafka

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/oauth"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

// Credentials in clear text are told of where somebody could listen.
func TestClearText(t *testing.T) {
	password := plain.Auth{User: "u", Pass: "p"}.AsMechanism()
	for name, tt := range map[string]struct {
		mechanism sasl.Mechanism
		brokers   []string
		more      []kgo.Opt
		want      string
	}{
		"a password":        {password, []string{"kafka.example:9092"}, nil, "[mechanism PLAIN brokers kafka.example:9092]"},
		"a token":           {oauth.Auth{Token: "t"}.AsMechanism(), []string{"192.0.2.1:9092"}, nil, "[mechanism OAUTHBEARER brokers 192.0.2.1:9092]"},
		"one is elsewhere":  {password, []string{"localhost:9092", "[::1]:1", "kafka.example"}, nil, "[mechanism PLAIN brokers kafka.example]"},
		"a plain dialer":    {password, []string{"kafka.example"}, []kgo.Opt{kgo.Dialer((&net.Dialer{KeepAlive: -1}).DialContext)}, "[mechanism PLAIN brokers kafka.example]"},
		"on this machine":   {password, []string{"localhost:9092", "127.0.0.1", "[::1]:9092"}, nil, ""},
		"a proof":           {scram.Auth{User: "u", Pass: "p"}.AsSha256Mechanism(), []string{"kafka.example"}, nil, ""},
		"TLS":               {password, []string{"kafka.example"}, []kgo.Opt{kgo.DialTLSConfig(new(tls.Config))}, ""},
		"a dialer with TLS": {password, []string{"kafka.example"}, []kgo.Opt{kgo.Dialer(new(tls.Dialer).DialContext)}, ""},
		"a dialer": {password, []string{"kafka.example"}, []kgo.Opt{kgo.Dialer(func(context.Context, string, string) (net.Conn, error) {
			return nil, context.Canceled
		})}, ""},
	} {
		like, err := look(append(defaults(nil), append(tt.more, kgo.SeedBrokers(tt.brokers...), kgo.SASL(tt.mechanism))...))
		if err != nil {
			t.Fatal(err)
		}
		var got string
		warnOfClearText(like, func(_ string, attrs ...any) { got += fmt.Sprint(attrs) })
		if got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
	like, err := look(append(defaults(nil), kgo.SeedBrokers("kafka.example")))
	if err != nil {
		t.Fatal(err)
	}
	warnOfClearText(like, func(string, ...any) { t.Error("without credentials") })
}
