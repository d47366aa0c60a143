package env

import (
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
)

const brokersVar = "KAFKA_BOOTSTRAP_SERVERS"

const (
	protocolVar  = "KAFKA_SECURITY_PROTOCOL"
	mechanismVar = "KAFKA_SASL_MECHANISM"
	userVar      = "KAFKA_SASL_USERNAME"
	passwordVar  = "KAFKA_SASL_PASSWORD"
	caFileVar    = "KAFKA_SSL_CA_FILE"
	certFileVar  = "KAFKA_SSL_CERT_FILE"
	keyFileVar   = "KAFKA_SSL_KEY_FILE"

	fileSuffix = "_FILE" // of the variable that names a file with what another one has
)

// The names are those of Kafka's own clients, as environment variables.
const (
	tokenFileVar    = "KAFKA_SASL_OAUTHBEARER_TOKEN_FILE"
	tokenURLVar     = "KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL"
	clientIDVar     = "KAFKA_SASL_OAUTHBEARER_CLIENT_ID"
	clientSecretVar = "KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET"
	scopeVar        = "KAFKA_SASL_OAUTHBEARER_SCOPE"
	extensionsVar   = "KAFKA_SASL_OAUTHBEARER_EXTENSIONS"
)

const (
	awsFileVar      = "AWS_SHARED_CREDENTIALS_FILE"
	awsProfileVar   = "AWS_PROFILE"
	awsTokenFileVar = "AWS_WEB_IDENTITY_TOKEN_FILE"
)

// What means something with SASL, and with TLS. Without, it would be left out
// without a word, and with it what somebody thinks that Kafka is protected by.
var (
	saslVars = []string{
		mechanismVar, userVar, passwordVar, passwordVar + fileSuffix,
		tokenFileVar, tokenURLVar, clientIDVar, clientSecretVar, clientSecretVar + fileSuffix, scopeVar, extensionsVar,
	}
	tlsVars  = []string{caFileVar, certFileVar, keyFileVar}
	fileVars = slices.Concat(tlsVars, []string{passwordVar + fileSuffix, tokenFileVar, clientSecretVar + fileSuffix, awsFileVar, awsTokenFileVar})
)

// bom is what some editors and shells put before a text.
const bom = "\ufeff"

// environment reads variables, and collects the client's options and what is
// wrong.
type environment struct {
	getenv func(string) string
	opts   []kgo.Opt
	faults []error
}

func (e *environment) get(name string) string {
	return strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(e.getenv(name)), bom))
}
