package cluster

import (
	"cmp"
	"flag"
	"os"

	"github.com/twmb/franz-go/pkg/kgo"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// connectionFlags are the variables that the flags of a connection stand for.
var connectionFlags = map[string]string{
	"brokers":            "KAFKA_BOOTSTRAP_SERVERS",
	"security-protocol":  "KAFKA_SECURITY_PROTOCOL",
	"sasl-mechanism":     "KAFKA_SASL_MECHANISM",
	"sasl-username":      "KAFKA_SASL_USERNAME",
	"sasl-password-file": "KAFKA_SASL_PASSWORD_FILE",
	"ca-file":            "KAFKA_SSL_CA_FILE",
	"cert-file":          "KAFKA_SSL_CERT_FILE",
	"key-file":           "KAFKA_SSL_KEY_FILE",
	"namespace":          "DEFAULT_NAMESPACE",
	"dlq-suffix":         "KAFKA_DLQ_SUFFIX",
	"partitioning":       "KAFKA_PARTITIONING_STRATEGY",
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
		if variable, ok := connectionFlags[f.Name]; ok {
			given[variable] = f.Value.String()
		}
	})
	for variable, value := range given {
		if variable == "KAFKA_SASL_PASSWORD_FILE" {
			os.Unsetenv("KAFKA_SASL_PASSWORD")
		}
		if err := os.Setenv(variable, value); err != nil {
			return onex.Config{}, nil, err
		}
	}
	cfg, opts, err := onex.ConfigFromEnv()
	cfg.Namespace = cmp.Or(cfg.Namespace, "dev")
	cfg.DeadLetterSuffix = cmp.Or(cfg.DeadLetterSuffix, ".dlq")
	return cfg, opts, err
}
