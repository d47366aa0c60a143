package onex_test

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// Whatever stands in the environment, it is refused or a publisher's client can
// be made of it.
func FuzzConfigFromEnv(f *testing.F) {
	for _, seed := range []string{"", "a:1,b:2", "[::1]:9092", "::1", "PLAINTEXT://a:1", "SASL_SSL", "balanced", "1048576", "all", "false", ".dlq", "a:99999", "u:p@h", "[::1%eth0]:1", "lz4"} {
		f.Add(seed, seed)
	}
	names := []string{
		"KAFKA_BOOTSTRAP_SERVERS", "KAFKA_COMPRESSION_TYPE", "KAFKA_PARTITIONING_STRATEGY", "KAFKA_MAX_REQUEST_SIZE", "KAFKA_ENABLE_DLQ",
		"KAFKA_DLQ_SUFFIX", "KAFKA_ACKS", "KAFKA_ENABLE_IDEMPOTENCE", "DEFAULT_NAMESPACE", "ENVIRONMENT",
	}
	f.Fuzz(func(t *testing.T, brokers, other string) {
		for _, name := range names {
			value := map[string]string{names[0]: brokers}
			value[name] = other
			_, opts, err := onex.ConfigFrom(func(name string) string { return value[name] })
			if err != nil {
				if opts != nil {
					t.Errorf("%s=%q: options and an error", name, other)
				}
				continue
			}
			client, err := kgo.NewClient(opts...)
			if err != nil {
				t.Fatalf("%s=%q, brokers %q: it is taken, and then refused: %v", name, other, brokers, err)
			}
			client.Close()
		}
	})
}
