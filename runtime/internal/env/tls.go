package env

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

func (e *environment) tls() {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	cert, key := e.get(certFileVar), e.get(keyFileVar)
	switch {
	case cert != "" && key == "":
		e.demand(keyFileVar, "%s needs it; set it to the certificate's key", certFileVar)
	case cert == "" && key != "":
		e.demand(certFileVar, "%s needs it; set it to the key's certificate", keyFileVar)
	case cert != "":
		if _, err := readCertificate(cert, key); err != nil {
			e.refuse(certFileVar, "%v", err)
		}
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			return readCertificate(cert, key)
		}
	}
	authorities := e.get(caFileVar)
	if authorities == "" {
		e.opts = append(e.opts, kgo.DialTLSConfig(config))
		return
	}
	if _, err := readAuthorities(authorities); err != nil {
		e.refuse(caFileVar, "%v", err)
	}
	e.opts = append(e.opts, kgo.Dialer(dialer(config, authorities)))
}

// dialTimeout bounds how long a connection may take to come about, TLS included.
const dialTimeout = 3 * time.Second

// dialer reads the authorities with every new connection. A tls.Config alone has
// them once and for all.
func dialer(config *tls.Config, authorities string) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		pool, err := readAuthorities(authorities)
		if err == nil {
			now := config.Clone()
			now.RootCAs = pool
			d := tls.Dialer{NetDialer: &net.Dialer{Timeout: dialTimeout}, Config: now}
			var conn net.Conn
			if conn, err = d.DialContext(ctx, network, address); err == nil {
				return conn, nil
			}
		}
		if _, ok := errors.AsType[*net.OpError](err); !ok && ctx.Err() == nil {
			err = &net.OpError{Op: "dial", Net: network, Err: err} // else the Kafka client does not pause before it tries again
		}
		return nil, err
	}
}
