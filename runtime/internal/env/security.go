package env

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

// securityVars mean nothing without KAFKA_SECURITY_PROTOCOL.
var securityVars = []string{
	"KAFKA_SASL_MECHANISM", "KAFKA_SASL_USERNAME", "KAFKA_SASL_PASSWORD", passwordFile,
	"KAFKA_SSL_CA_FILE", "KAFKA_SSL_CERT_FILE", "KAFKA_SSL_KEY_FILE",
}

const passwordFile = "KAFKA_SASL_PASSWORD_FILE"

func (e *environment) security() {
	const name = "KAFKA_SECURITY_PROTOCOL"
	protocol := e.oneOf(name, "PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
	if e.get(name) == "" {
		// Events must not go in clear text because one line is missing.
		for _, v := range securityVars {
			if e.getenv(v) != "" {
				e.demand(name, "%s would not be used; set it to SSL, SASL_PLAINTEXT or SASL_SSL, or to PLAINTEXT for neither", v)
				return
			}
		}
	}
	if strings.HasPrefix(protocol, "SASL_") {
		e.sasl(protocol)
	}
	if strings.HasSuffix(protocol, "SSL") {
		e.tls()
	}
}

func (e *environment) sasl(protocol string) {
	const name = "KAFKA_SASL_MECHANISM"
	mechanisms := []string{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"}
	mechanism := e.oneOf(name, mechanisms...)
	if e.get(name) == "" {
		e.demand(name, "%s needs it; set it to one of %s", protocol, strings.Join(mechanisms, ", "))
	}
	user := e.get("KAFKA_SASL_USERNAME")
	if user == "" {
		e.demand("KAFKA_SASL_USERNAME", "%s needs it", protocol)
	}
	password, ok := e.password(protocol)
	if mechanism == "" || user == "" || !ok {
		return
	}
	e.opts = append(e.opts, kgo.SASL(saslMechanism(mechanism, user, password)))
}

func saslMechanism(name, user string, password func() (string, error)) sasl.Mechanism {
	auth := func(context.Context) (scram.Auth, error) {
		pass, err := password()
		return scram.Auth{User: user, Pass: pass}, err
	}
	switch name {
	case "SCRAM-SHA-256":
		return scram.Sha256(auth)
	case "SCRAM-SHA-512":
		return scram.Sha512(auth)
	}
	return plain.Plain(func(context.Context) (plain.Auth, error) {
		pass, err := password()
		return plain.Auth{User: user, Pass: pass}, err
	})
}

// password returns what to ask for the password with every new connection.
func (e *environment) password(protocol string) (password func() (string, error), ok bool) {
	const name = passwordFile
	// A password may well begin or end with a space.
	value, file := e.getenv("KAFKA_SASL_PASSWORD"), e.get(name)
	switch {
	case value != "" && file != "":
		e.refuse(name, "KAFKA_SASL_PASSWORD is set too; set one of the two")
		return nil, false
	case value != "":
		return func() (string, error) { return value, nil }, true
	case file == "":
		e.demand("KAFKA_SASL_PASSWORD", "%s needs it; set it, or KAFKA_SASL_PASSWORD_FILE to a file that has it", protocol)
		return nil, false
	}
	read := func() (string, error) { return readPassword(file) }
	if _, err := read(); err != nil {
		e.refuse(name, "%v", err)
		return nil, false
	}
	return read, true
}

func readPassword(file string) (string, error) {
	data, err := os.ReadFile(file)
	if fault, ok := errors.AsType[*fs.PathError](err); ok {
		err = fault.Err // without what stands in place of a file's name
	}
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	password := strings.TrimRight(string(data), "\r\n")
	if password == "" || strings.ContainsAny(password, "\r\n") {
		return "", errors.New("read the password: the file has not exactly one line; put the password there, and nothing else")
	}
	return password, nil
}

func (e *environment) tls() {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if file := e.get("KAFKA_SSL_CA_FILE"); file != "" {
		pool, err := readAuthorities(file)
		if err != nil {
			e.refuse("KAFKA_SSL_CA_FILE", "%v", err)
		}
		config.RootCAs = pool
	}
	const certName, keyName = "KAFKA_SSL_CERT_FILE", "KAFKA_SSL_KEY_FILE"
	cert, key := e.get(certName), e.get(keyName)
	switch {
	case cert != "" && key == "":
		e.demand(keyName, "%s needs it; set it to the certificate's key", certName)
	case cert == "" && key != "":
		e.demand(certName, "%s needs it; set it to the key's certificate", keyName)
	case cert != "":
		if _, err := readCertificate(cert, key); err != nil {
			e.refuse(certName, "%v", err)
		}
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			return readCertificate(cert, key)
		}
	}
	e.opts = append(e.opts, kgo.DialTLSConfig(config))
}

func readAuthorities(file string) (*x509.CertPool, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the authorities' certificates: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(data) {
		return nil, errors.New("read the authorities' certificates: there is none in the file; give one in PEM, with -----BEGIN CERTIFICATE-----")
	}
	return pool, nil
}

// readCertificate reads the client's certificate. Its errors name files and
// never say what is in the key's.
func readCertificate(cert, key string) (*tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err == nil {
		return &pair, nil
	}
	if data, readErr := os.ReadFile(key); readErr == nil && strings.Contains(string(data), "ENCRYPTED") {
		err = errors.New("the key is encrypted; give one without a passphrase, in a file that only this program's user may read")
	}
	return nil, fmt.Errorf("read the client's certificate and its key, %s: %w", key, err)
}
