package health

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"strings"
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
		{dial(errno(syscall.ECONNREFUSED)), Refused},
		{dial(errno(syscall.EHOSTUNREACH)), Refused},
		{dial(errno(syscall.ENETUNREACH)), Refused},
		{dial(errno(syscall.ETIMEDOUT)), Timeout},
		{dial(os.ErrDeadlineExceeded), Timeout},
		{context.DeadlineExceeded, Timeout},
		{kerr.RequestTimedOut, Timeout},
		{dial(&net.DNSError{Err: "no such host", IsNotFound: true}), DNS},
		{dial(&net.DNSError{Err: "i/o timeout", IsTimeout: true}), DNS},
		{&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, TLS},
		{x509.CertificateInvalidError{Reason: x509.Expired}, TLS},
		{tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, TLS},
		{&net.OpError{Op: "remote error", Err: errors.New("tls: bad certificate")}, TLS},
		{errors.New("invalid large response size 352518912; these appear to be a tls alert record"), TLS},
		{errors.New("the beginning of an HTTP response; is your broker port correct?"), NotKafka},
		{kerr.SaslAuthenticationFailed, Authentication},
		{kerr.UnsupportedSaslMechanism, Authentication},
		{kerr.TopicAuthorizationFailed, Authorization},
		{kerr.ClusterAuthorizationFailed, Authorization},
		{kerr.UnknownTopicOrPartition, TopicMissing},
		{kerr.UnknownTopicID, TopicMissing},
		{kerr.InvalidTimestamp, Clock},
		{kerr.PolicyViolation, Throttled},
		{&os.PathError{Op: "write", Err: syscall.ENOSPC}, DiskFull},
		{&os.PathError{Op: "write", Err: syscall.EDQUOT}, DiskFull},
		{&os.PathError{Op: "write", Err: syscall.EDQUOT}, DiskFull},
		{fs.ErrNotExist, Other}, // a file with a token, say
		{io.EOF, Other},
		{kerr.NotEnoughReplicas, Other},
		{kerr.CorruptMessage, Other},
		{nil, ""},
		{context.Canceled, ""},
		{kgo.ErrClientClosed, ""},
		{dial(net.ErrClosed), ""},
		{kerr.MessageTooLarge, ""},
		{kerr.RecordListTooLarge, ""},
		{kerr.InvalidRecord, ""},
	} {
		err := tt.err
		for range 2 {
			if got, ok := CauseOf(err); got != tt.want || ok != (tt.want != "") {
				t.Errorf("%v: %q, %t, want %q", err, got, ok, tt.want)
			}
			if err != nil {
				err = fmt.Errorf("publish: %w", errors.Join(errors.New("in vain"), err))
			}
		}
	}
}

// Each cause is there once, in one spelling, and there is something to do about
// each that is more than the end or a riddle.
func TestCauses(t *testing.T) {
	seen := map[Cause]bool{}
	answers := map[*kerr.Error]Cause{}
	for _, e := range Causes {
		if seen[e.Code] || e.Code == "" || strings.Trim(string(e.Code), "abcdefghijklmnopqrstuvwxyz_") != "" {
			t.Errorf("%q", e.Code)
		}
		seen[e.Code] = true
		if e.Title == "" || e.Code.Title() != e.Title {
			t.Errorf("%s has the title %q", e.Code, e.Title)
		}
		if (e.Code.Remedy() == "") != (e.Code == Closed || e.Code == Other) {
			t.Errorf("%s has the remedy %q", e.Code, e.Remedy)
		}
		for _, a := range e.Answers {
			if answers[a] != "" {
				t.Errorf("%v tells of %s and of %s", a, answers[a], e.Code)
			}
			answers[a] = e.Code
		}
	}
}
