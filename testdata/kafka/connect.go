package kafkacluster

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

// Listener is a way to connect to a node.
type Listener int

// The listeners, in order of their ports.
const (
	Plaintext Listener = iota // whoever comes may do all
	SSL                       // wants a client's certificate
	SASL                      // SASL_SSL
	Expired                   // like SSL, with an expired certificate
)

// Users of [SASL].
const (
	Admin     = "admin"     // may do all
	Publisher = "publisher" // may write to topics that begin with "dev."
	Guest     = "guest"     // may do nothing
)

// Addresses returns where the nodes listen.
func (c *Cluster) Addresses(l Listener) []string {
	var all []string
	for node := range c.nodes {
		all = append(all, c.address(node+1, l))
	}
	return all
}

func (c *Cluster) address(node int, l Listener) string {
	return fmt.Sprintf("127.0.0.1:%d", c.port+10*(node-1)+int(l))
}

// Seeds returns the option with which a client finds the cluster.
func (c *Cluster) Seeds(l Listener) kgo.Opt { return kgo.SeedBrokers(c.Addresses(l)...) }

// File returns the path of a file of the cluster's certificates; see the script
// of that name.
func (c *Cluster) File(name string) string { return filepath.Join(c.Folder, "tls", name) }

// TLS returns the configuration of a client that trusts an authority, "ca" or
// "stranger-ca", and shows a certificate, such as "client", or none ("").
func (c *Cluster) TLS(authority, certificate string) (*tls.Config, error) {
	pem, err := os.ReadFile(c.File(authority + ".pem"))
	if err != nil {
		return nil, err
	}
	config := &tls.Config{RootCAs: x509.NewCertPool()}
	if !config.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s has no certificate", c.File(authority+".pem"))
	}
	if certificate != "" {
		file := c.File(certificate + ".pem")
		own, err := tls.LoadX509KeyPair(file, file)
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{own}
	}
	return config, nil
}

// Scram and Plain return the option with which a client is a user. A user's
// right password is [Password].
func Scram(user, password string) kgo.Opt {
	return kgo.SASL(scram.Auth{User: user, Pass: password}.AsSha512Mechanism())
}

// Plain is Scram's like with SASL PLAIN.
func Plain(user, password string) kgo.Opt {
	return kgo.SASL(plain.Auth{User: user, Pass: password}.AsMechanism())
}

// Password returns a user's password.
func Password(user string) string { return user + "-secret" }
