package cluster

import (
	"cmp"
	"flag"
	"os"
	"regexp"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/topics"
)

// connectionFlags are the variables that the flags of a connection stand for, and
// those that mean something else by themselves: what a flag says goes before them.
var connectionFlags = map[string]struct {
	variable string
	others   []string
}{
	"brokers":                  {"KAFKA_BOOTSTRAP_SERVERS", nil},
	"security-protocol":        {"KAFKA_SECURITY_PROTOCOL", nil},
	"sasl-mechanism":           {"KAFKA_SASL_MECHANISM", nil},
	"sasl-username":            {"KAFKA_SASL_USERNAME", nil},
	"sasl-password-file":       {"KAFKA_SASL_PASSWORD_FILE", []string{"KAFKA_SASL_PASSWORD"}},
	"oauth-token-file":         {"KAFKA_SASL_OAUTHBEARER_TOKEN_FILE", []string{"KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL"}},
	"oauth-token-url":          {"KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL", []string{"KAFKA_SASL_OAUTHBEARER_TOKEN_FILE"}},
	"oauth-client-id":          {"KAFKA_SASL_OAUTHBEARER_CLIENT_ID", nil},
	"oauth-client-secret-file": {"KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET_FILE", []string{"KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET"}},
	"oauth-scope":              {"KAFKA_SASL_OAUTHBEARER_SCOPE", nil},
	"oauth-extensions":         {"KAFKA_SASL_OAUTHBEARER_EXTENSIONS", nil},
	"aws-profile":              {"AWS_PROFILE", []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ROLE_ARN"}},
	"ca-file":                  {"KAFKA_SSL_CA_FILE", nil},
	"cert-file":                {"KAFKA_SSL_CERT_FILE", nil},
	"key-file":                 {"KAFKA_SSL_KEY_FILE", nil},
	"namespace":                {"DEFAULT_NAMESPACE", nil},
	"dlq-suffix":               {"KAFKA_DLQ_SUFFIX", nil},
	"partitioning":             {"KAFKA_PARTITIONING_STRATEGY", nil},
}

// Settings returns what a publisher would be made of, by flags and environment.
type Settings func() (onex.Config, []kgo.Opt, error)

// Connection gives a command the flags of a connection. A flag is as if its
// variable was set; so both are read, and checked, in one place.
func Connection(flags *flag.FlagSet) Settings {
	for name := range connectionFlags {
		flags.String(name, "", "")
	}
	return func() (onex.Config, []kgo.Opt, error) { return Given(flags) }
}

// Given returns what the flags say that Connection has declared.
func Given(flags *flag.FlagSet) (onex.Config, []kgo.Opt, error) {
	given := map[string]string{}
	flags.Visit(func(f *flag.Flag) {
		for _, other := range connectionFlags[f.Name].others {
			given[other] = ""
		}
	})
	flags.Visit(func(f *flag.Flag) {
		if stands, ok := connectionFlags[f.Name]; ok {
			given[stands.variable] = f.Value.String()
		}
		if f.Name == "namespace" { // whichever the profile is
			given["KAFKA_TOPIC_NAMESPACE"] = f.Value.String()
		}
	})
	cfg, opts, err := onex.ConfigFrom(func(variable string) string {
		if value, isGiven := given[variable]; isGiven || isLeftOut(variable, given["KAFKA_SECURITY_PROTOCOL"]) {
			return value
		}
		return os.Getenv(variable)
	})
	if cfg.Profile == onex.ProfileV1 {
		cfg.Namespace = cmp.Or(cfg.Namespace, "dev")
		cfg.DeadLetterSuffix = cmp.Or(cfg.DeadLetterSuffix, ".dlq")
	}
	return cfg, opts, err
}

// isLeftOut tells whether a variable of the environment means nothing with the protocol
// that a flag says: who writes -security-protocol PLAINTEXT does so on purpose.
func isLeftOut(variable, protocol string) bool {
	protocol = strings.ToUpper(protocol)
	return protocol != "" && (strings.HasPrefix(variable, "KAFKA_SASL_") && !strings.HasPrefix(protocol, "SASL_") ||
		strings.HasPrefix(variable, "KAFKA_SSL_") && !strings.HasSuffix(protocol, "SSL"))
}

// Letters says how topics of dead letters are called, in either profile.
func Letters(cfg onex.Config) topics.Letters {
	return topics.Letters{Suffix: cmp.Or(cfg.DeadLetterSuffix, ".dlq"), OnexDLQ: true}
}

// Pattern is a regular expression for the topics of events and of dead letters, in
// either profile. The namespace is that of the publisher's own.
func Pattern(cfg onex.Config) string {
	const bus = `onex\.(evt|dlq)\.`
	namespace := regexp.QuoteMeta(cfg.Namespace + ".")
	if cfg.Profile == onex.Profile2 {
		if cfg.Namespace == "" {
			namespace = ""
		}
		return "^(" + namespace + bus + "|" + regexp.QuoteMeta(cmp.Or(os.Getenv("DEFAULT_NAMESPACE"), "dev")+".") + ")"
	}
	return "^(" + namespace + "|" + bus + ")"
}
