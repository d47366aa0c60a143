package onex

import (
	"fmt"
	"os"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/runtime/internal/env"
)

// ConfigFromEnv returns the configuration and the options of the Kafka client
// that the environment asks for, by the variables that OmniNode's Python
// services read (envelope/contract.md, section 5). The program may change both before it
// gives them to [NewPublisher]. A variable that is not set, or empty, leaves
// the default.
//
//	KAFKA_BOOTSTRAP_SERVERS      host:port, several with commas
//	KAFKA_SECURITY_PROTOCOL      PLAINTEXT (default), SSL, SASL_PLAINTEXT, SASL_SSL
//	KAFKA_SASL_MECHANISM         PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER, AWS_MSK_IAM
//	KAFKA_SASL_USERNAME
//	KAFKA_SASL_PASSWORD          or, for a file that has the password,
//	KAFKA_SASL_PASSWORD_FILE
//	KAFKA_SSL_CA_FILE            who signs the brokers' certificates; default the system's
//	KAFKA_SSL_CERT_FILE          the client's own certificate, and
//	KAFKA_SSL_KEY_FILE           its key; all three are PEM
//	KAFKA_COMPRESSION_TYPE       none (default), gzip, which all clients can read, and snappy, lz4 and
//	                             zstd, for which Python's need a package
//	KAFKA_PARTITIONING_STRATEGY  default (Kafka's own, murmur2), balanced, hash
//	KAFKA_MAX_REQUEST_SIZE       bytes; an event may have half of that
//	ONEX_PROFILE                 v1 (default) or 2: Config.Profile
//	KAFKA_TOPIC_NAMESPACE        Config.Namespace, with ONEX_PROFILE=2
//	KAFKA_ENABLE_DLQ             true (default) or false
//	KAFKA_DLQ_SUFFIX             default .dlq; not with ONEX_PROFILE=2
//	KAFKA_ACKS                   all
//	KAFKA_ENABLE_IDEMPOTENCE     true
//	DEFAULT_NAMESPACE            Config.Namespace, without ONEX_PROFILE=2
//	ENVIRONMENT                  Config.Environment
//
// The Python services choose partitions by "balanced" without being told; here
// that has to be asked for, by a fleet that publishes to the same topics in both
// languages. What a publisher could not keep its promises with is an error that
// says why: acks of fewer brokers, no idempotence, partitions in turn.
//
// OAUTHBEARER needs a token, in a file or from a server that gives one out for a
// client's id and secret (OpenID Connect's client credentials):
//
//	KAFKA_SASL_OAUTHBEARER_TOKEN_FILE
//	KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL    https://…; it is trusted as the system does
//	KAFKA_SASL_OAUTHBEARER_CLIENT_ID
//	KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET         or …_CLIENT_SECRET_FILE
//	KAFKA_SASL_OAUTHBEARER_SCOPE
//	KAFKA_SASL_OAUTHBEARER_EXTENSIONS            name=value, several with commas
//
// AWS_MSK_IAM takes credentials from the first of these that there are:
// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN; AWS_ROLE_ARN with
// AWS_WEB_IDENTITY_TOKEN_FILE; AWS_PROFILE in AWS_SHARED_CREDENTIALS_FILE, by default
// ~/.aws/credentials; AWS_CONTAINER_CREDENTIALS_FULL_URI or …_RELATIVE_URI. The region is
// in the brokers' names, or in the process's AWS_REGION.
//
// A protocol that does less than other variables ask for is refused, such as
// PLAINTEXT with a password, or SASL_PLAINTEXT with a certificate. Where a password
// or a token would go over the network in clear text, [NewPublisher] warns of it. A
// byte order mark before a value, or in a file, is no part of it.
//
// The files are read once, so that mistakes are found, and again with every new
// connection, so that password, token, authorities and the client's certificate can
// be replaced while the program runs. With KAFKA_SSL_CA_FILE, the options have a
// kgo.Dialer, which kgo.DialTLSConfig and kgo.DialTimeout do not go with; without it, TLS is a
// kgo.DialTLSConfig.
//
// The error has all mistakes, each with the variable, its value and what to
// set it to. A value that could be a secret is *** in it: one that does not look
// like what belongs there, and a file's name if there is no such folder.
func ConfigFromEnv() (Config, []kgo.Opt, error) { return ConfigFrom(os.Getenv) }

// ConfigFrom is [ConfigFromEnv] with variables from anywhere, such as a program's
// flags or its own configuration: getenv returns what the variable of a name has, and
// "" if it is not set. It is called only before ConfigFrom returns.
func ConfigFrom(getenv func(string) string) (Config, []kgo.Opt, error) {
	s, err := env.Read(getenv)
	if err != nil {
		return Config{}, nil, fmt.Errorf("onex: %w", err)
	}
	profile := ProfileV1
	if s.Bus {
		profile = Profile2
	}
	return Config{
		Profile: profile, Namespace: s.Namespace, Environment: s.Environment,
		NoDeadLetters: s.NoDeadLetters, DeadLetterSuffix: s.DeadLetterSuffix,
		MaxEventBytes: s.MaxEventBytes,
	}, s.Options, nil
}
