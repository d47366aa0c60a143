package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
)

// What a broker's certificate says is shown as text, and no more.
func TestHostileCertificate(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		Subject: pkix.Name{CommonName: "evil\x1b[2J\nonexctl check: all is well"}, DNSNames: []string{"evil\x1b[2J.example"},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for conn, err := l.Accept(); err == nil; conn, err = l.Accept() {
			_ = conn.(*tls.Conn).Handshake()
			conn.Close()
		}
	}()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o666); err != nil {
		t.Fatal(err)
	}
	t.Setenv(servers, strings.Replace(l.Addr().String(), "127.0.0.1", "localhost", 1))
	t.Setenv("KAFKA_SECURITY_PROTOCOL", "SSL")
	t.Setenv("KAFKA_SSL_CA_FILE", ca)
	for _, command := range []string{"check", "tail"} {
		var out bytes.Buffer
		if code := run([]string{command}, terminal.Streams{In: strings.NewReader(""), Out: &out, Err: &out}); code == 0 {
			t.Error("it exits with 0")
		}
		for line := range strings.Lines(out.String()) {
			if strings.ContainsFunc(strings.Trim(line, "\t\n"), unicode.IsControl) || strings.HasPrefix(line, "onexctl check: all is well") {
				t.Errorf("%s says %q", command, line)
			}
		}
		if !strings.Contains(out.String(), `evil\x1b[2J.example`) {
			t.Errorf("%s does not name the certificate:\n%s", command, out.String())
		}
	}
}
