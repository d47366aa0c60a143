package onex_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// setEnv sets the variables of the test, and no others that would be read.
func setEnv(t testing.TB, vars map[string]string) {
	t.Helper()
	for _, line := range os.Environ() {
		if name, _, _ := strings.Cut(line, "="); strings.HasPrefix(name, "KAFKA_") {
			t.Setenv(name, "")
		}
	}
	t.Setenv("ENVIRONMENT", "")
	t.Setenv("ONEX_PROFILE", "")
	t.Setenv("DEFAULT_NAMESPACE", "")
	for name, value := range vars {
		t.Setenv(name, value)
	}
}

// clientOf returns a client that has the options of the environment.
func clientOf(t testing.TB, opts []kgo.Opt) *kgo.Client {
	t.Helper()
	client, err := kgo.NewClient(opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// Without variables the zero configuration is returned.
func TestEnvIsEmpty(t *testing.T) {
	setEnv(t, nil)
	cfg, opts, err := onex.ConfigFromEnv()
	if err != nil || len(opts) != 0 || cfg.NoDeadLetters || cfg.Namespace != "" || cfg.Environment != "" || cfg.DeadLetterSuffix != "" || cfg.MaxEventBytes != 0 {
		t.Errorf("%+v, %d options, %v", cfg, len(opts), err)
	}
}

// Each variable gets to where it belongs.
func TestEnvIsRead(t *testing.T) {
	setEnv(t, map[string]string{
		"KAFKA_BOOTSTRAP_SERVERS":     " a:1, b ,[::1]:3,",
		"KAFKA_ENABLE_DLQ":            "False",
		"KAFKA_DLQ_SUFFIX":            ".dead",
		"KAFKA_COMPRESSION_TYPE":      "ZSTD",
		"KAFKA_PARTITIONING_STRATEGY": "balanced",
		"ENVIRONMENT":                 "staging",
		"DEFAULT_NAMESPACE":           "prod",
		"KAFKA_SECURITY_PROTOCOL":     "plaintext",
		"KAFKA_ACKS":                  "-1",
		"KAFKA_ENABLE_IDEMPOTENCE":    "1",
		"KAFKA_MAX_REQUEST_SIZE":      "1048576",
	})
	cfg, opts, err := onex.ConfigFromEnv()
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Namespace != "prod" || cfg.Environment != "staging" || !cfg.NoDeadLetters || cfg.DeadLetterSuffix != ".dead" || cfg.MaxEventBytes != 512<<10 {
		t.Errorf("config %+v", cfg)
	}
	client := clientOf(t, opts)
	if got := fmt.Sprint(client.OptValue(kgo.SeedBrokers)); got != "[a:1 b [::1]:3]" {
		t.Errorf("brokers %s", got)
	}
	if got := client.OptValue(kgo.ProducerBatchMaxBytes); got != int32(1048576) {
		t.Errorf("batches of %v bytes", got)
	}
	if got := client.OptValue(kgo.ProducerBatchCompression); fmt.Sprint(got) != fmt.Sprint([]kgo.CompressionCodec{kgo.ZstdCompression(), kgo.NoCompression()}) {
		t.Errorf("compression %v", got)
	}
	if client.OptValue(kgo.DialTLSConfig) != (*tls.Config)(nil) {
		t.Error("PLAINTEXT is TLS")
	}
}

// The partitioners of the environment are those of the Python services.
func TestEnvPartitioners(t *testing.T) {
	record := &kgo.Record{Topic: "dev.a.b.v1", Key: []byte("orchestrator-1")}
	for value, want := range map[string]kgo.Partitioner{
		"balanced": onex.BalancedPartitioner(),
		"Hash":     onex.HashPartitioner(),
		"default":  kgo.StickyKeyPartitioner(nil),
		"":         kgo.StickyKeyPartitioner(nil),
	} {
		setEnv(t, map[string]string{"KAFKA_PARTITIONING_STRATEGY": value})
		_, opts, err := onex.ConfigFromEnv()
		if err != nil {
			t.Fatal(err)
		}
		got := clientOf(t, opts).OptValue(kgo.RecordPartitioner).(kgo.Partitioner)
		for _, n := range []int{7, 1000, 99991} {
			if got, want := partition(got, record, n), partition(want, record, n); got != want {
				t.Errorf("%q: partition %d of %d, want %d", value, got, n, want)
			}
		}
	}
}

// partition returns what a partitioner chooses while nothing is buffered.
func partition(p kgo.Partitioner, r *kgo.Record, n int) int {
	topic := p.ForTopic(r.Topic)
	if backed, ok := topic.(kgo.TopicBackupPartitioner); ok {
		return backed.PartitionByBackup(r, n, kgo.TopicBackupIter(nil))
	}
	return topic.Partition(r, n)
}

// What is wrong is said with the variable, its value and what to do.
func TestEnvRefused(t *testing.T) {
	sasl := map[string]string{"KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "KAFKA_SASL_MECHANISM": "PLAIN", "KAFKA_SASL_USERNAME": "u", "KAFKA_SASL_PASSWORD": "hunter2"}
	ssl := map[string]string{"KAFKA_SECURITY_PROTOCOL": "SSL"}
	missing := filepath.Join(t.TempDir(), "missing")
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, value string
		with        map[string]string
		want        string
	}{
		{"KAFKA_BOOTSTRAP_SERVERS", "PLAINTEXT://a:9092", nil, `KAFKA_BOOTSTRAP_SERVERS is "PLAINTEXT://a:9092": "PLAINTEXT://a:9092" begins with PLAINTEXT://; leave that out, and set KAFKA_SECURITY_PROTOCOL for it`},
		{"KAFKA_BOOTSTRAP_SERVERS", "a:1 b:2", nil, `KAFKA_BOOTSTRAP_SERVERS is "a:1 b:2": "a:1 b:2" is no address; give host:port, several with commas`},
		{"KAFKA_BOOTSTRAP_SERVERS", "a:1,b:x", nil, `KAFKA_BOOTSTRAP_SERVERS is "a:1,b:x": "b:x" has no port between 1 and 65535; give host:port`},
		{"KAFKA_BOOTSTRAP_SERVERS", "::1", nil, `KAFKA_BOOTSTRAP_SERVERS is "::1": "::1" is no address; give host:port, an IPv6 address in brackets`},
		{"KAFKA_BOOTSTRAP_SERVERS", ",", nil, `KAFKA_BOOTSTRAP_SERVERS is ",": there is no broker in it; give host:port, several with commas`},
		{"KAFKA_BOOTSTRAP_SERVERS", "u:hunter2@a:1", nil, `KAFKA_BOOTSTRAP_SERVERS has an @: give host:port only; credentials go to KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD`},
		{"KAFKA_ENABLE_DLQ", "maybe", nil, `KAFKA_ENABLE_DLQ is "maybe": set it to true or false`},
		{"KAFKA_DLQ_SUFFIX", " dlq x", nil, `KAFKA_DLQ_SUFFIX is "dlq x": make it of letters, digits, '.', '_' and '-'`},
		{"KAFKA_COMPRESSION_TYPE", "brotli", nil, `KAFKA_COMPRESSION_TYPE is "brotli": set it to one of none, gzip, snappy, lz4, zstd`},
		{"KAFKA_PARTITIONING_STRATEGY", "semantic", nil, `KAFKA_PARTITIONING_STRATEGY is "semantic": set it to one of default, balanced, hash`},
		{"KAFKA_PARTITIONING_STRATEGY", "round_robin", nil, `KAFKA_PARTITIONING_STRATEGY is "round_robin": the events of one key would have no order; set it to one of default, balanced, hash`},
		{"DEFAULT_NAMESPACE", ".dev", nil, `DEFAULT_NAMESPACE is ".dev": make it of letters, digits, '.', '_' and '-', not with '.' at the beginning`},
		{"KAFKA_SECURITY_PROTOCOL", "TLS", nil, `KAFKA_SECURITY_PROTOCOL is "TLS": set it to one of PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL`},
		{"KAFKA_SECURITY_PROTOCOL", "", sasl, `KAFKA_SECURITY_PROTOCOL is not set: KAFKA_SASL_MECHANISM would not be used, and nobody would log in; set it to SASL_SSL, or SASL_PLAINTEXT where nobody can listen, or take KAFKA_SASL_MECHANISM away`},
		{"KAFKA_SASL_MECHANISM", "GSSAPI", sasl, `KAFKA_SASL_MECHANISM is "GSSAPI": set it to one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER, AWS_MSK_IAM`},
		{"KAFKA_SASL_MECHANISM", "", sasl, `KAFKA_SASL_MECHANISM is not set: SASL_PLAINTEXT needs it; set it to one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER, AWS_MSK_IAM`},
		{"KAFKA_SASL_USERNAME", "", sasl, `KAFKA_SASL_USERNAME is not set: SASL_PLAINTEXT needs it`},
		{"KAFKA_SASL_PASSWORD", "", sasl, `KAFKA_SASL_PASSWORD is not set: SASL_PLAINTEXT needs it; set it, or KAFKA_SASL_PASSWORD_FILE to a file that has it`},
		{"KAFKA_SASL_PASSWORD_FILE", missing, sasl, `KAFKA_SASL_PASSWORD_FILE is "` + missing + `": KAFKA_SASL_PASSWORD is set too; set one of the two`},
		{"KAFKA_SSL_CA_FILE", missing, ssl, `KAFKA_SSL_CA_FILE is "` + missing + `": read the authorities' certificates: no such file or directory`},
		{"KAFKA_SSL_CA_FILE", empty, ssl, `KAFKA_SSL_CA_FILE is "` + empty + `": read the authorities' certificates: there is none in the file; give one in PEM, with -----BEGIN CERTIFICATE-----`},
		{"KAFKA_SSL_CERT_FILE", missing, ssl, `KAFKA_SSL_KEY_FILE is not set: KAFKA_SSL_CERT_FILE needs it; set it to the certificate's key`},
		{"KAFKA_SSL_KEY_FILE", missing, ssl, `KAFKA_SSL_CERT_FILE is not set: KAFKA_SSL_KEY_FILE needs it; set it to the key's certificate`},
		{"KAFKA_ACKS", "1", nil, `KAFKA_ACKS is "1": a delivered event could be gone with one broker; set it to all, or leave it out`},
		{"KAFKA_ENABLE_IDEMPOTENCE", "false", nil, `KAFKA_ENABLE_IDEMPOTENCE is "false": a retry could write an event twice, or behind its successor; set it to true, or leave it out`},
		{"KAFKA_MAX_REQUEST_SIZE", "1MB", nil, `KAFKA_MAX_REQUEST_SIZE is "1MB": set it to a number of bytes from 16384 to 104857600`},
		{"KAFKA_MAX_REQUEST_SIZE", "104857601", nil, `KAFKA_MAX_REQUEST_SIZE is "104857601": set it to a number of bytes from 16384 to 104857600`},
	} {
		setEnv(t, tt.with)
		t.Setenv(tt.name, tt.value)
		_, opts, err := onex.ConfigFromEnv()
		if opts != nil || err == nil || err.Error() != "onex: environment: "+tt.want {
			t.Errorf("%s=%s:\n got %v\nwant onex: environment: %s", tt.name, tt.value, err, tt.want)
		}
	}
}

// All mistakes are said at once, and no secret in them, not even one in the
// place of a file's name.
func TestEnvRefusedAtOnce(t *testing.T) {
	dir := t.TempDir()
	two := filepath.Join(dir, "two")
	if err := os.WriteFile(two, []byte("hunter2\nhunter3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(dir, "key.pem")
	if err := os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte("hunter4")}), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{two, "hunter5"} {
		setEnv(t, map[string]string{
			"KAFKA_ACKS":               "0",
			"KAFKA_COMPRESSION_TYPE":   "password=hunter6",
			"KAFKA_SECURITY_PROTOCOL":  "SASL_SSL",
			"KAFKA_SASL_PASSWORD_FILE": file,
			"KAFKA_SSL_CERT_FILE":      key,
			"KAFKA_SSL_KEY_FILE":       key,
		})
		_, _, err := onex.ConfigFromEnv()
		if err == nil {
			t.Fatal("no error")
		}
		text := err.Error()
		for _, name := range []string{"KAFKA_ACKS", "KAFKA_COMPRESSION_TYPE", "KAFKA_SASL_MECHANISM", "KAFKA_SASL_USERNAME", "KAFKA_SASL_PASSWORD_FILE", "KAFKA_SSL_CERT_FILE"} {
			if !strings.Contains(text, name+" is ") {
				t.Errorf("it does not say what is wrong with %s:\n%s", name, text)
			}
		}
		if !strings.Contains(text, "the key is encrypted") {
			t.Errorf("it does not say that the key is encrypted:\n%s", text)
		}
		if strings.Contains(text, "hunter") {
			t.Errorf("it tells a secret:\n%s", text)
		}
	}
}

// An event gets through TLS with certificates on both sides, and with each
// mechanism, as the environment says; and with a password and a certificate
// that have been replaced since.
func TestEnvConnects(t *testing.T) {
	ours := newAuthority(t)
	dir := t.TempDir()
	ca, cert, key, password := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), filepath.Join(dir, "password")
	write := func(file, kind string, der []byte) {
		t.Helper()
		if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pair := ours.sign(t, "127.0.0.1", time.Now().Add(time.Hour))
	der, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	write(ca, "CERTIFICATE", ours.cert.Raw)
	write(cert, "CERTIFICATE", pair.Certificate[0])
	write(key, "PRIVATE KEY", der)
	config := &tls.Config{Certificates: []tls.Certificate{*pair}, ClientAuth: tls.RequireAnyClientCert}
	for _, mechanism := range []string{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"} {
		t.Run(mechanism, func(t *testing.T) {
			cluster := startCluster(t, kfake.TLS(config), kfake.EnableSASL(), kfake.Superuser(mechanism, "u", "right "))
			file(password, "wrong\n")(t)
			setEnv(t, map[string]string{
				"KAFKA_BOOTSTRAP_SERVERS":  cluster.ListenAddrs()[0],
				"KAFKA_SECURITY_PROTOCOL":  "SASL_SSL",
				"KAFKA_SASL_MECHANISM":     strings.ToLower(mechanism),
				"KAFKA_SASL_USERNAME":      "u",
				"KAFKA_SASL_PASSWORD_FILE": password,
				"KAFKA_SSL_CA_FILE":        ca,
				"KAFKA_SSL_CERT_FILE":      cert,
				"KAFKA_SSL_KEY_FILE":       key,
			})
			cfg, opts, err := onex.ConfigFromEnv()
			if err != nil {
				t.Fatal(err)
			}
			logsIn(t, cfg, opts, file(password, "right \r\n"))
		})
	}
}
