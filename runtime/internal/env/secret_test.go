package env

import (
	"path/filepath"
	"strings"
	"testing"
	"unicode"
)

// everyVar are all variables that are read. Each may be where somebody puts a
// secret by mistake.
var everyVar = append([]string{
	brokersVar, protocolVar, "KAFKA_COMPRESSION_TYPE", "KAFKA_PARTITIONING_STRATEGY", "KAFKA_MAX_REQUEST_SIZE", "KAFKA_ENABLE_DLQ",
	"KAFKA_DLQ_SUFFIX", "KAFKA_ACKS", "KAFKA_ENABLE_IDEMPOTENCE", "DEFAULT_NAMESPACE", "ENVIRONMENT",
	"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", awsFileVar, awsProfileVar, "HOME", "AWS_ROLE_ARN", awsTokenFileVar,
	"AWS_ENDPOINT_URL_STS", "AWS_REGION", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
}, append(saslVars, tlsVars...)...)

// settings are those among which a secret may stand: with each protocol and mechanism
// there is other use of it.
func settings() (all []vars) {
	for _, protocol := range []string{"", "PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"} {
		if !strings.HasPrefix(protocol, "SASL_") {
			all = append(all, vars{protocolVar: protocol})
			continue
		}
		for _, m := range mechanisms {
			all = append(all, vars{protocolVar: protocol, mechanismVar: m.name})
		}
	}
	return append(all,
		withPLAIN.with(vars{passwordVar: "p"}),
		withToken.with(vars{tokenURLVar: "https://idp.example", clientIDVar: "c", clientSecretVar: "s"}),
		withToken.with(vars{tokenURLVar: "https://idp.example", clientIDVar: "c"}),
		withAWS.with(vars{"AWS_ROLE_ARN": "r", awsTokenFileVar: "/dev/null", "AWS_REGION": "eu-west-1"}),
		vars{protocolVar: "SSL", certFileVar: "/dev/null"}, vars{protocolVar: "SSL", keyFileVar: "/dev/null"},
	)
}

// leaks returns what of a secret is in an error text, with what the variable is
// that it stood in.
func leaks(t *testing.T, secret string, pieces []string) {
	t.Helper()
	for _, name := range everyVar {
		for _, with := range settings() {
			_, err := Read(with.with(vars{name: secret}).get)
			if err == nil {
				continue
			}
			for _, piece := range pieces {
				if strings.Contains(err.Error(), piece) {
					t.Fatalf("%s=%q with %v tells %q:\n%v", name, secret, with, piece, err)
				}
			}
		}
	}
}

// A secret in whatever variable is not told by the error.
func TestNoSecretIsTold(t *testing.T) {
	key := "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\nAgEGCCqGSM49AwEHBG0wawIB\n-----END PRIVATE KEY-----\n"
	for secret, pieces := range map[string][]string{
		key:                                      {"MIGHAg", "AgEGCC", "BEGIN PRIVATE"},
		strings.ReplaceAll(key, "\n", `\n`):      {"MIGHAg", "AgEGCC"},
		bom + key:                                {"MIGHAg", "AgEGCC"},
		"MIGHAgEAMBMGByqGSM49AgEGCC/wawIBAQQg==": {"MIGHAg", "wawIBA"},
		"hunter2/Zk8":                            {"hunter2", "Zk8"},
		"/hunter2Zk8":                            {"hunter2"},
		"../hunter2Zk8":                          {"hunter2"},
		"../hunter2/Zk8":                         {"hunter2", "Zk8"},
		`C:\hunter2\Zk8`:                         {"hunter2", "Zk8"},
		"hunter2Zk8":                             {"hunter2"},
		"hunter2,Zk8:x9y":                        {"hunter2"},
		"u:hunter2Zk8":                           {"hunter2"},
		"u:hunter2Zk8@kafka.example:9092":        {"hunter2"},
		"sasl_ssl://u:hunter2/Zk8@kafka.example:9092": {"hunter2", "Zk8"},
		"https://u:hunter2Zk8@idp.example/token":      {"hunter2"},
		"https://idp.example/token?key=hunter2Zk8":    {"hunter2"},
		"https://idp.example/hunter2Zk8\x7f":          {"hunter2"},
		`org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="hunter2Zk8";`: {"hunter2"},
		`Endpoint=sb://ns.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=hunter2Zk8=`:        {"hunter2"},
		`{"password": "hunter2Zk8"}`:         {"hunter2"},
		"hunter2Zk8\x00":                     {"hunter2"},
		strings.Repeat("hunter2Zk8", 10_000): {"hunter2"},
	} {
		leaks(t, secret, pieces)
	}
}

// What is no secret, and helps to find the mistake, is told.
func TestWhatIsShown(t *testing.T) {
	here := t.TempDir()
	for _, tt := range []struct {
		name, value string
	}{
		{mechanismVar, "SCRAM-SHA-1"},
		{mechanismVar, "GSSAPI"},
		{"KAFKA_ACKS", "0"},
		{"KAFKA_MAX_REQUEST_SIZE", "104857601"},
		{"KAFKA_MAX_REQUEST_SIZE", "1MB"},
		{brokersVar, "PLAINTEXT://broker-1.example:9092,b:99999"},
		{brokersVar, "[::1]:0"},
		{caFileVar, "ca.pem"},
		{caFileVar, filepath.Join(here, "ca-2.pem")},
		{keyFileVar, filepath.Join(here, "s3cr3t-2.key")},
		{passwordVar + fileSuffix, here},
	} {
		if got := shown(tt.name, tt.value); got != tt.value {
			t.Errorf("%s: %s is shown as %s", tt.name, tt.value, got)
		}
	}
}

// No six characters of a secret are told, whatever it is made of and wherever it
// stands.
func FuzzNoSecretIsTold(f *testing.F) {
	for _, seed := range []string{"Q7/Z9x", "/Q7Z9", "a\nb", "u:p@h/", "=\\\"';", "://", "[::]:%", "../..", "\x00\xff", ".pem", ",,;", "{}<>"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		// Letters and digits become such as no message has, one after the other; the
		// rest stays, since it decides what the text is taken for.
		n := 0
		secret := strings.Map(func(r rune) rune {
			if r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) {
				return r
			}
			n++
			return rune("Q7Zx9XjQ3"[n%9])
		}, pattern+"Z9xQ7j")
		var pieces []string
		for i := range len(secret) - 5 {
			if piece := secret[i : i+6]; strings.ContainsAny(piece, "Q7Z9Xj") {
				pieces = append(pieces, piece)
			}
		}
		leaks(t, secret, pieces)
	})
}
