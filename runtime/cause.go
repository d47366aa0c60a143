package onex

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// causeOf returns why err keeps events from Kafka. ok is false if err does not
// say anything about that: the client was closed, somebody's context has
// ended, or a record was refused for its own sake.
func causeOf(err error) (cause Cause, ok bool) {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, kgo.ErrClientClosed) || errors.Is(err, net.ErrClosed) {
		return "", false
	}
	if answer, ok := errors.AsType[*kerr.Error](err); ok {
		return causeOfAnswer(answer)
	}
	switch {
	case isTLS(err):
		return CauseTLS, true
	case is[*net.DNSError](err):
		return CauseDNS, true
	case isAny(err, syscall.ECONNREFUSED, syscall.EHOSTUNREACH, syscall.ENETUNREACH):
		return CauseRefused, true
	case isAny(err, syscall.ENOSPC, syscall.EDQUOT):
		return CauseDiskFull, true
	case isTimeout(err):
		return CauseTimeout, true
	}
	return CauseOther, true
}

// causeOfAnswer is causeOf for what a broker has answered.
func causeOfAnswer(answer *kerr.Error) (cause Cause, ok bool) {
	switch answer {
	case kerr.SaslAuthenticationFailed, kerr.UnsupportedSaslMechanism, kerr.IllegalSaslState,
		kerr.DelegationTokenAuthDisabled, kerr.DelegationTokenNotFound, kerr.DelegationTokenExpired:
		return CauseAuthentication, true
	case kerr.TopicAuthorizationFailed, kerr.ClusterAuthorizationFailed, kerr.TransactionalIDAuthorizationFailed,
		kerr.GroupAuthorizationFailed, kerr.DelegationTokenAuthorizationFailed:
		return CauseAuthorization, true
	case kerr.UnknownTopicOrPartition, kerr.UnknownTopicID:
		return CauseTopicMissing, true
	case kerr.RequestTimedOut:
		return CauseTimeout, true
	case kerr.MessageTooLarge, kerr.RecordListTooLarge, kerr.InvalidRecord, kerr.CorruptMessage,
		kerr.InvalidTimestamp, kerr.PolicyViolation:
		return "", false
	}
	return CauseOther, true
}

// isTLS tells the faults of a handshake, its refusal by the other side, and
// one side without TLS. Not all of them have types.
func isTLS(err error) bool {
	if is[*tls.CertificateVerificationError](err) || is[tls.RecordHeaderError](err) || is[tls.AlertError](err) ||
		is[x509.UnknownAuthorityError](err) || is[x509.CertificateInvalidError](err) || is[x509.HostnameError](err) ||
		is[x509.SystemRootsError](err) || is[*kgo.ErrFirstReadEOF](err) {
		return true
	}
	text := err.Error()
	return strings.Contains(text, "tls: ") || strings.Contains(text, "tls alert record")
}

func isTimeout(err error) bool {
	timeout, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	return ok && timeout.Timeout() || isAny(err, context.DeadlineExceeded, os.ErrDeadlineExceeded, kgo.ErrRecordTimeout)
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func isAny(err error, targets ...error) bool {
	for _, target := range targets {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}
