package onex

import (
	"fmt"
	"os"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/runtime/internal/env"
)

// ConfigFromEnv returns the configuration and the options of the Kafka client
// that the environment asks for, by the variables that OmniNode's Python
// services read (contract, section 5). The program may change both before it
// gives them to [NewPublisher]. A variable that is not set, or empty, leaves
// the default.
//
//	KAFKA_BOOTSTRAP_SERVERS      host:port, several with commas
//	KAFKA_SECURITY_PROTOCOL      PLAINTEXT (default), SSL, SASL_PLAINTEXT, SASL_SSL
//	KAFKA_SASL_MECHANISM         PLAIN, SCRAM-SHA-256, SCRAM-SHA-512
//	KAFKA_SASL_USERNAME
//	KAFKA_SASL_PASSWORD          or, for a file that has the password,
//	KAFKA_SASL_PASSWORD_FILE
//	KAFKA_SSL_CA_FILE            who signs the brokers' certificates; default the system's
//	KAFKA_SSL_CERT_FILE          the client's own certificate, and
//	KAFKA_SSL_KEY_FILE           its key; all three are PEM
//	KAFKA_COMPRESSION_TYPE       none, gzip, snappy, lz4, zstd
//	KAFKA_PARTITIONING_STRATEGY  default (Kafka's own, murmur2), balanced, hash
//	KAFKA_MAX_REQUEST_SIZE       bytes; an event may have half of that
//	KAFKA_ENABLE_DLQ             true (default) or false
//	KAFKA_DLQ_SUFFIX             default .dlq
//	KAFKA_ACKS                   all
//	KAFKA_ENABLE_IDEMPOTENCE     true
//	DEFAULT_NAMESPACE            Config.Namespace
//	ENVIRONMENT                  Config.Environment
//
// The Python services choose partitions by "balanced" without being told; here
// that has to be asked for, by a fleet that publishes to the same topics in both
// languages. What a publisher could not keep its promises with is an error that
// says why: acks of fewer brokers, no idempotence, partitions in turn.
//
// The files are read once, so that mistakes are found, and the password and the
// client's certificate again with every new connection, so that they can be
// replaced while the program runs.
//
// The error has all mistakes, each with the variable, its value and what to
// set it to. It never has a secret.
func ConfigFromEnv() (Config, []kgo.Opt, error) { return configFrom(os.Getenv) }

func configFrom(getenv func(string) string) (Config, []kgo.Opt, error) {
	s, err := env.Read(getenv)
	if err != nil {
		return Config{}, nil, fmt.Errorf("onex: %w", err)
	}
	return Config{
		Namespace: s.Namespace, Environment: s.Environment,
		NoDeadLetters: s.NoDeadLetters, DeadLetterSuffix: s.DeadLetterSuffix,
		MaxEventBytes: s.MaxEventBytes,
	}, s.Options, nil
}
