package onex_test

import (
	"bytes"
	"crypto/tls"
	"encoding/pem"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/testdata/login"
)

// overlay is an environment that a program has made up.
func overlay(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

// file returns what writes a file.
func file(name, text string) func(testing.TB) {
	return func(t testing.TB) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// logsIn checks that a publisher delivers; with mend, not before that was called,
// because nobody believes who it is.
func logsIn(t *testing.T, cfg onex.Config, opts []kgo.Opt, mend func(testing.TB)) {
	t.Helper()
	changes := newHealths()
	cfg.OnHealth = changes.add
	pub := newPublisherWith(t, cfg, opts...)
	if mend != nil {
		changes.down(t, onex.CauseAuthentication)
		mend(t)
	}
	changes.up(t)
	publish(t, pub, "x")
	if err := pub.Flush(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if l := pub.Ledger(); l.Delivered != 1 {
		t.Errorf("ledger %+v", l)
	}
}

// The authority that brokers are known by can be replaced, as the certificates can
// that it has signed, while the program runs.
func TestRotatedAuthority(t *testing.T) {
	first, second := newAuthority(t), newAuthority(t)
	later := time.Now().Add(time.Hour)
	var cert atomic.Pointer[tls.Certificate]
	cert.Store(first.sign(t, "127.0.0.1", later))
	file := filepath.Join(t.TempDir(), "ca.pem")
	trust := func(a *authority) {
		t.Helper()
		text := append([]byte("\ufeff"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})...)
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	trust(first)
	k := newKafka(t, kfake.TLS(&tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return cert.Load(), nil }})).start()
	cfg, opts, err := onex.ConfigFrom(overlay(map[string]string{
		"KAFKA_BOOTSTRAP_SERVERS": k.addr(), "KAFKA_SECURITY_PROTOCOL": "SSL", "KAFKA_SSL_CA_FILE": file,
	}))
	if err != nil {
		t.Fatal(err)
	}
	changes := newHealths()
	cfg.OnHealth = changes.add
	pub := newPublisherWith(t, cfg, append(quick(), opts...)...)
	changes.up(t)
	k.kill()
	cert.Store(second.sign(t, "127.0.0.1", later))
	k.start()
	publish(t, pub, "x")
	changes.down(t, onex.CauseTLS)
	trust(second)
	changes.up(t)
	if err := pub.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if got, want := pub.Ledger(), (onex.Ledger{Accepted: 1, Delivered: 1}); got != want {
		t.Errorf("ledger %+v, want %+v", got, want)
	}
}

// Events arrive with a token that has been replaced since, and with credentials of
// AWS.
func TestEnvLogsIn(t *testing.T) {
	token := filepath.Join(t.TempDir(), "token")
	file(token, "old\n")(t)
	for mechanism, vars := range map[string]map[string]string{
		"OAUTHBEARER": {"KAFKA_SASL_OAUTHBEARER_TOKEN_FILE": token},
		"AWS_MSK_IAM": {"AWS_ACCESS_KEY_ID": "AKIAX", "AWS_SECRET_ACCESS_KEY": "s"},
	} {
		t.Run(mechanism, func(t *testing.T) {
			t.Setenv("AWS_REGION", "eu-west-1") // the broker's name does not say it
			cluster := startCluster(t)
			wanted := "=Bearer new\x01"
			if mechanism == "AWS_MSK_IAM" {
				wanted = "AKIAX/"
			}
			login.Only(cluster, mechanism, wanted)
			vars["KAFKA_BOOTSTRAP_SERVERS"] = cluster.ListenAddrs()[0]
			vars["KAFKA_SECURITY_PROTOCOL"] = "SASL_PLAINTEXT"
			vars["KAFKA_SASL_MECHANISM"] = mechanism
			cfg, opts, err := onex.ConfigFrom(overlay(vars))
			if err != nil {
				t.Fatal(err)
			}
			var replace func(testing.TB)
			if mechanism == "OAUTHBEARER" {
				replace = file(token, "new\n")
			}
			logsIn(t, cfg, opts, replace)
		})
	}
}

// A password that goes over the network in clear text is told of, once, without the
// password.
func TestClearTextIsTold(t *testing.T) {
	for broker, want := range map[string]int{"192.0.2.1:9092": 1, "127.0.0.1:9": 0} {
		cfg, opts, err := onex.ConfigFrom(overlay(map[string]string{
			"KAFKA_BOOTSTRAP_SERVERS": broker, "KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "KAFKA_SASL_MECHANISM": "PLAIN",
			"KAFKA_SASL_USERNAME": "u", "KAFKA_SASL_PASSWORD": "hunter2",
		}))
		if err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer // read when nobody writes any more
		cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
		pub, err := onex.NewPublisher(cfg, append(opts, kgo.DialTimeout(10*time.Millisecond))...)
		if err != nil {
			t.Fatal(err)
		}
		if err := pub.Close(testContext(t)); err != nil {
			t.Fatal(err)
		}
		text := log.String()
		if n := strings.Count(text, "level=WARN msg=\"the credentials go over the network in clear text"); n != want || strings.Contains(text, "hunter2") {
			t.Errorf("%s: told %d times, want %d:\n%s", broker, n, want, text)
		}
	}
}

// Nothing is compressed unless somebody asks for it.
func TestNoCompressionUnlessAsked(t *testing.T) {
	for asked, want := range map[string]int8{"": 0, "none": 0, "lz4": 3} {
		cluster := startCluster(t)
		codecs := make(chan int8, 10)
		cluster.ControlKey(kmsg.Produce.Int16(), func(req kmsg.Request) (kmsg.Response, error, bool) {
			cluster.KeepControl()
			for _, topic := range req.(*kmsg.ProduceRequest).Topics {
				var batch kmsg.RecordBatch
				if err := batch.ReadFrom(topic.Partitions[0].Records); err == nil {
					codecs <- int8(batch.Attributes & 7)
				}
			}
			return nil, nil, false
		})
		cfg, opts, err := onex.ConfigFrom(overlay(map[string]string{"KAFKA_BOOTSTRAP_SERVERS": cluster.ListenAddrs()[0], "KAFKA_COMPRESSION_TYPE": asked}))
		if err != nil {
			t.Fatal(err)
		}
		pub := newPublisherWith(t, cfg, opts...)
		publish(t, pub, strings.Repeat("x", 100))
		if err := pub.Flush(testContext(t)); err != nil {
			t.Fatal(err)
		}
		if got := <-codecs; got != want {
			t.Errorf("%q: codec %d, want %d", asked, got, want)
		}
	}
}
