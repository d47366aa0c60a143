package onex_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/big"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// authority signs certificates for brokers.
type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	pool *x509.CertPool
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	a := &authority{key: newKey(t), pool: x509.NewCertPool()}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.pool.AddCert(a.cert)
	return a
}

// sign returns a certificate for an address that is valid until then.
func (a *authority) sign(t testing.TB, ip string, until time.Time) *tls.Certificate {
	t.Helper()
	key := newKey(t)
	template := &x509.Certificate{SerialNumber: big.NewInt(2), NotAfter: until, IPAddresses: []net.IP{net.ParseIP(ip)}}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// Each fault of a certificate is told from the others, and is over when the
// broker has a better one.
func TestHealthTLS(t *testing.T) {
	ours, theirs := newAuthority(t), newAuthority(t)
	later := time.Now().Add(time.Hour)
	for name, tt := range map[string]struct {
		cert *tls.Certificate
		is   func(error) bool
	}{
		"unknown authority": {theirs.sign(t, "127.0.0.1", later), func(err error) bool {
			_, ok := errors.AsType[x509.UnknownAuthorityError](err)
			return ok
		}},
		"expired": {ours.sign(t, "127.0.0.1", time.Now().Add(-time.Minute)), func(err error) bool {
			fault, ok := errors.AsType[x509.CertificateInvalidError](err)
			return ok && fault.Reason == x509.Expired
		}},
		"wrong host": {ours.sign(t, "192.0.2.1", later), func(err error) bool {
			_, ok := errors.AsType[x509.HostnameError](err)
			return ok
		}},
	} {
		t.Run(name, func(t *testing.T) {
			var cert atomic.Pointer[tls.Certificate]
			cert.Store(tt.cert)
			cluster := startCluster(t, kfake.TLS(&tls.Config{
				GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return cert.Load(), nil },
			}))
			_, changes := watched(t, cluster.ListenAddrs()[0], kgo.DialTLSConfig(&tls.Config{RootCAs: ours.pool}))
			if down := changes.down(t, onex.CauseTLS); !tt.is(down.Err) {
				t.Errorf("error %v", down.Err)
			}
			cert.Store(ours.sign(t, "127.0.0.1", later))
			changes.up(t)
		})
	}
}

// A broker that wants a certificate of the client's, and gets none.
func TestHealthTLSOfTheClient(t *testing.T) {
	ours := newAuthority(t)
	cluster := startCluster(t, kfake.TLS(&tls.Config{
		Certificates: []tls.Certificate{*ours.sign(t, "127.0.0.1", time.Now().Add(time.Hour))},
		ClientAuth:   tls.RequireAnyClientCert,
	}))
	_, changes := watched(t, cluster.ListenAddrs()[0], kgo.DialTLSConfig(&tls.Config{RootCAs: ours.pool}))
	changes.down(t, onex.CauseTLS)
}

// A client without TLS at a port with it, until the port has none.
func TestHealthTLSOnlyAtBroker(t *testing.T) {
	ours := newAuthority(t)
	cluster := startCluster(t, kfake.TLS(&tls.Config{
		Certificates: []tls.Certificate{*ours.sign(t, "127.0.0.1", time.Now().Add(time.Hour))},
	}))
	addr := cluster.ListenAddrs()[0]
	_, changes := watched(t, addr)
	down := changes.down(t, onex.CauseTLS)
	if _, ok := errors.AsType[*kgo.ErrFirstReadEOF](down.Err); !ok {
		t.Errorf("error %v", down.Err)
	}
	cluster.Close()
	startKafkaAt(t, addr)
	changes.up(t)
}

// A client with TLS at a port without it, until the port has it too. Kafka
// takes the beginning of a handshake for the length of a request that is too
// large, and closes the connection.
func TestHealthTLSOnlyAtClient(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			length := make([]byte, 4)
			if _, err := conn.Read(length); err == nil && !bytes.HasPrefix(length, []byte{22, 3}) {
				t.Errorf("no handshake: % x", length)
			}
			conn.Close()
		}
	}()
	ours := newAuthority(t)
	_, changes := watched(t, l.Addr().String(), kgo.DialTLSConfig(&tls.Config{RootCAs: ours.pool}))
	changes.down(t, onex.CauseTLS)
	l.Close()
	startKafkaAt(t, l.Addr().String(), kfake.TLS(&tls.Config{
		Certificates: []tls.Certificate{*ours.sign(t, "127.0.0.1", time.Now().Add(time.Hour))},
	}))
	changes.up(t)
}
