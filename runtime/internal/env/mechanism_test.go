package env

import (
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
)

// vars are an environment.
type vars map[string]string

func (v vars) get(name string) string { return v[name] }

// with returns the variables of both; the others go first.
func (v vars) with(more vars) vars {
	all := vars{}
	for _, some := range []vars{v, more} {
		for name, value := range some {
			all[name] = value
		}
	}
	return all
}

// mechanismOf returns what a client would log in with.
func mechanismOf(t testing.TB, v vars) sasl.Mechanism {
	t.Helper()
	s, err := Read(v.get)
	if err != nil {
		t.Fatal(err)
	}
	client, err := kgo.NewClient(s.Options...)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	mechanisms, _ := client.OptValue(kgo.SASL).([]sasl.Mechanism)
	if len(mechanisms) != 1 {
		t.Fatalf("%d mechanisms", len(mechanisms))
	}
	return mechanisms[0]
}

// first returns what a mechanism says first to a broker.
func first(t testing.TB, m sasl.Mechanism) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	_, message, err := m.Authenticate(ctx, "b-1.kafka.eu-west-1.amazonaws.com:9098")
	return string(message), err
}

func says(t testing.TB, m sasl.Mechanism, want string) {
	t.Helper()
	if got, err := first(t, m); got != want || err != nil {
		t.Errorf("it says %q, %v, want %q", got, err, want)
	}
}

func write(t testing.TB, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

var withPLAIN = vars{"KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "KAFKA_SASL_MECHANISM": "PLAIN", "KAFKA_SASL_USERNAME": "u"}

// What editors and shells put before a text is no part of it, in variables and in
// files; a password keeps its spaces.
func TestByteOrderMarks(t *testing.T) {
	says(t, mechanismOf(t, vars{
		"KAFKA_BOOTSTRAP_SERVERS": bom + "a:1",
		"KAFKA_SECURITY_PROTOCOL": bom + "SASL_SSL",
		"KAFKA_SASL_MECHANISM":    " " + bom + " plain ",
		"KAFKA_SASL_USERNAME":     bom + "u",
		"KAFKA_SASL_PASSWORD":     bom + " p ",
	}), "\x00u\x00 p ")
	little, big := []byte("\xff\xfe"), []byte("\xfe\xff")
	for _, unit := range utf16.Encode([]rune("pässwörd\r\n")) {
		little = binary.LittleEndian.AppendUint16(little, unit)
		big = binary.BigEndian.AppendUint16(big, unit)
	}
	for _, text := range []string{"pässwörd\n", bom + "pässwörd", string(little), string(big)} {
		file := filepath.Join(t.TempDir(), "password")
		write(t, file, text)
		says(t, mechanismOf(t, withPLAIN.with(vars{"KAFKA_SASL_PASSWORD_FILE": bom + file})), "\x00u\x00pässwörd")
	}
}

// A protocol that does less than other variables ask for is refused, with the
// reason; there is no such thing as half a login.
func TestDowngrades(t *testing.T) {
	for _, tt := range []struct {
		protocol, variable, want string
	}{
		{"PLAINTEXT", "KAFKA_SASL_MECHANISM", `KAFKA_SECURITY_PROTOCOL is "PLAINTEXT": KAFKA_SASL_MECHANISM would not be used, and nobody would log in; set it to SASL_SSL, or SASL_PLAINTEXT where nobody can listen, or take KAFKA_SASL_MECHANISM away`},
		{"plaintext", "KAFKA_SASL_PASSWORD", `KAFKA_SECURITY_PROTOCOL is "plaintext": KAFKA_SASL_PASSWORD would not be used, and nobody would log in; set it to SASL_SSL, or SASL_PLAINTEXT where nobody can listen, or take KAFKA_SASL_PASSWORD away`},
		{"PLAINTEXT", "KAFKA_SSL_CA_FILE", `KAFKA_SECURITY_PROTOCOL is "PLAINTEXT": KAFKA_SSL_CA_FILE would not be used, and all would go over the network in clear text; set it to SSL, or take KAFKA_SSL_CA_FILE away`},
		{"SSL", "KAFKA_SASL_USERNAME", `KAFKA_SECURITY_PROTOCOL is "SSL": KAFKA_SASL_USERNAME would not be used, and nobody would log in; set it to SASL_SSL, or take KAFKA_SASL_USERNAME away`},
		{"SASL_PLAINTEXT", "KAFKA_SSL_CERT_FILE", `KAFKA_SECURITY_PROTOCOL is "SASL_PLAINTEXT": KAFKA_SSL_CERT_FILE would not be used, and all would go over the network in clear text; set it to SASL_SSL, or take KAFKA_SSL_CERT_FILE away`},
		{"", "KAFKA_SSL_KEY_FILE", `KAFKA_SECURITY_PROTOCOL is not set: KAFKA_SSL_KEY_FILE would not be used, and all would go over the network in clear text; set it to SSL, or take KAFKA_SSL_KEY_FILE away`},
		{"", "KAFKA_SASL_OAUTHBEARER_SCOPE", `KAFKA_SECURITY_PROTOCOL is not set: KAFKA_SASL_OAUTHBEARER_SCOPE would not be used, and nobody would log in; set it to SASL_SSL, or SASL_PLAINTEXT where nobody can listen, or take KAFKA_SASL_OAUTHBEARER_SCOPE away`},
	} {
		v := vars{"KAFKA_SECURITY_PROTOCOL": tt.protocol, tt.variable: "x"}
		if strings.HasPrefix(tt.protocol, "SASL_") {
			v = withPLAIN.with(v).with(vars{"KAFKA_SASL_PASSWORD": "p"})
		}
		if _, err := Read(v.get); err == nil || err.Error() != "environment: "+tt.want {
			t.Errorf("%s with %s:\n got %v\nwant %s", tt.protocol, tt.variable, err, tt.want)
		}
	}
	// Every variable of SASL and of TLS is refused by itself where it means nothing.
	for _, protocol := range []string{"", "PLAINTEXT", "SSL", "SASL_PLAINTEXT"} {
		unused := tlsVars
		switch protocol {
		case "SSL":
			unused = saslVars
		case "", "PLAINTEXT":
			unused = append(saslVars, tlsVars...)
		}
		for _, name := range unused {
			v := vars{"KAFKA_SECURITY_PROTOCOL": protocol, name: "x"}
			if protocol == "SASL_PLAINTEXT" {
				v = v.with(withPLAIN).with(vars{"KAFKA_SECURITY_PROTOCOL": protocol, "KAFKA_SASL_PASSWORD": "p"})
			}
			if _, err := Read(v.get); err == nil || !strings.Contains(err.Error(), name+" would not be used") {
				t.Errorf("%q with %s: %v", protocol, name, err)
			}
		}
	}
	for _, protocol := range []string{"", "PLAINTEXT", "SSL"} {
		if _, err := Read(vars{"KAFKA_SECURITY_PROTOCOL": protocol, "KAFKA_SASL_MECHANISM": " ", "AWS_ACCESS_KEY_ID": "x"}.get); err != nil {
			t.Errorf("%q alone: %v", protocol, err)
		}
	}
}
