package onex

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Errors are told apart however deep they are wrapped.
func TestCauseOf(t *testing.T) {
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	errno := func(e syscall.Errno) error { return os.NewSyscallError("connect", e) }
	for _, tt := range []struct {
		err  error
		want Cause
	}{
		{dial(errno(syscall.ECONNREFUSED)), CauseRefused},
		{dial(errno(syscall.EHOSTUNREACH)), CauseRefused},
		{dial(errno(syscall.ENETUNREACH)), CauseRefused},
		{dial(errno(syscall.ETIMEDOUT)), CauseTimeout},
		{dial(os.ErrDeadlineExceeded), CauseTimeout},
		{context.DeadlineExceeded, CauseTimeout},
		{kerr.RequestTimedOut, CauseTimeout},
		{dial(&net.DNSError{Err: "no such host", IsNotFound: true}), CauseDNS},
		{dial(&net.DNSError{Err: "i/o timeout", IsTimeout: true}), CauseDNS},
		{&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, CauseTLS},
		{x509.CertificateInvalidError{Reason: x509.Expired}, CauseTLS},
		{tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, CauseTLS},
		{&net.OpError{Op: "remote error", Err: errors.New("tls: bad certificate")}, CauseTLS},
		{errors.New("invalid large response size 352518912; these appear to be a tls alert record"), CauseTLS},
		{kerr.SaslAuthenticationFailed, CauseAuthentication},
		{kerr.UnsupportedSaslMechanism, CauseAuthentication},
		{kerr.TopicAuthorizationFailed, CauseAuthorization},
		{kerr.ClusterAuthorizationFailed, CauseAuthorization},
		{kerr.UnknownTopicOrPartition, CauseTopicMissing},
		{kerr.UnknownTopicID, CauseTopicMissing},
		{&os.PathError{Op: "write", Err: syscall.ENOSPC}, CauseDiskFull},
		{&os.PathError{Op: "write", Err: syscall.EDQUOT}, CauseDiskFull},
		{io.EOF, CauseOther},
		{kerr.NotEnoughReplicas, CauseOther},
		{nil, ""},
		{context.Canceled, ""},
		{kgo.ErrClientClosed, ""},
		{dial(net.ErrClosed), ""},
		{kerr.MessageTooLarge, ""},
		{kerr.InvalidRecord, ""},
	} {
		err := tt.err
		for range 2 {
			if got, ok := causeOf(err); got != tt.want || ok != (tt.want != "") {
				t.Errorf("%v: %q, %t, want %q", err, got, ok, tt.want)
			}
			if err != nil {
				err = fmt.Errorf("publish: %w", errors.Join(errors.New("in vain"), err))
			}
		}
	}
}
