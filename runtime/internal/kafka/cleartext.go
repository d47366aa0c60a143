package kafka

import (
	"crypto/tls"
	"net"
	"reflect"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
)

// clearText are the mechanisms that send something with which whoever listens can
// log in too.
var clearText = []string{"PLAIN", "OAUTHBEARER", "AWS_MSK_IAM"}

// warnOfClearText tells of credentials that go over the network as they are.
func warnOfClearText(like *kgo.Client, warn func(message string, attrs ...any)) {
	if config, _ := like.OptValue(kgo.DialTLSConfig).(*tls.Config); config != nil {
		return
	}
	if reflect.ValueOf(like.OptValue(kgo.Dialer)).Pointer() != reflect.ValueOf(new(net.Dialer).DialContext).Pointer() {
		return // a dialer of the program's own may well encrypt
	}
	brokers, _ := like.OptValue(kgo.SeedBrokers).([]string)
	brokers = slices.DeleteFunc(slices.Clone(brokers), isLoopback)
	mechanisms, _ := like.OptValue(kgo.SASL).([]sasl.Mechanism)
	i := slices.IndexFunc(mechanisms, func(m sasl.Mechanism) bool { return slices.Contains(clearText, m.Name()) })
	if i < 0 || len(brokers) == 0 {
		return
	}
	warn("the credentials go over the network in clear text, and whoever listens can use them; use TLS (KAFKA_SECURITY_PROTOCOL=SASL_SSL)",
		"mechanism", mechanisms[i].Name(), "brokers", strings.Join(brokers, ","))
}

// isLoopback tells whether what goes to an address stays on this machine.
func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
