package health

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Cause says why events do not get to Kafka.
type Cause string

// The causes, of which [Causes] says more.
const (
	Connecting     Cause = "connecting"
	Refused        Cause = "refused"
	DNS            Cause = "dns"
	TLS            Cause = "tls"
	NotKafka       Cause = "not_kafka"
	Authentication Cause = "authentication"
	Authorization  Cause = "authorization"
	TopicMissing   Cause = "topic_missing"
	Clock          Cause = "clock"
	Throttled      Cause = "throttled"
	Timeout        Cause = "timeout"
	DiskFull       Cause = "disk_full"
	DiskMissing    Cause = "disk_missing"
	DiskHangs      Cause = "disk_hangs"
	Closed         Cause = "closed"
	Other          Cause = "other"
)

// Entry is what there is to know of one cause.
type Entry struct {
	Code  Cause
	Title string // what is so, as a clause

	// Remedy is what to do about it, as a clause; "" if nothing is to be said.
	Remedy string

	// After is how long it has to last, or to be announced for, before it shows.
	After time.Duration

	// Which errors tell of it: an answer of a broker's, one that is wrapped, or
	// one that can only be told by a look into it.
	Answers []*kerr.Error
	Errors  []error
	Is      func(error) bool

	OfSpool bool // of the spool's errors alone
}

// Causes has all causes. Where several know an error, the first is right.
var Causes = []Entry{
	{
		Code: Connecting, Title: "no broker has been reached yet",
		Remedy: "wait a moment, or ask for longer",
	},
	{
		Code: Authentication, Title: "the brokers do not believe the credentials",
		Remedy: "correct KAFKA_SASL_MECHANISM, the user name and the password",
		Answers: []*kerr.Error{
			kerr.SaslAuthenticationFailed, kerr.UnsupportedSaslMechanism, kerr.IllegalSaslState,
			kerr.DelegationTokenAuthDisabled, kerr.DelegationTokenNotFound, kerr.DelegationTokenExpired,
			kerr.DelegationTokenOwnerMismatch, kerr.DelegationTokenRequestNotAllowed,
		},
	},
	{
		Code: Authorization, Title: "the credentials do not allow what publishing needs",
		Remedy: "let the user write to the topic: kafka-acls --add --allow-principal User:… --producer --topic …",
		Answers: []*kerr.Error{
			kerr.TopicAuthorizationFailed, kerr.ClusterAuthorizationFailed, kerr.TransactionalIDAuthorizationFailed,
			kerr.GroupAuthorizationFailed, kerr.DelegationTokenAuthorizationFailed,
		},
	},
	{
		Code: TopicMissing, Title: "the topic does not exist",
		Remedy:  "create the topic: onexctl topics apply, or onex.EnsureTopics",
		Answers: []*kerr.Error{kerr.UnknownTopicOrPartition, kerr.UnknownTopicID},
	},
	{
		Code: Clock, Title: "the brokers refuse the time that this machine's clock shows",
		Remedy:  "set the machine's clock, or look at the topic's message.timestamp.before.max.ms and message.timestamp.after.max.ms",
		Answers: []*kerr.Error{kerr.InvalidTimestamp},
	},
	{
		Code: Throttled, Title: "the quota is used up, and the brokers make the publisher wait",
		Remedy:  "raise the user's quota (kafka-configs --alter --entity-type users --add-config producer_byte_rate=…), or publish less",
		After:   5 * time.Second,
		Answers: []*kerr.Error{kerr.ThrottlingQuotaExceeded, kerr.PolicyViolation}, // the latter is Azure's word for it
	},
	{
		Code: Timeout, Title: "brokers take connections and do not answer in time, or acknowledge nothing",
		Remedy: "look at the brokers' logs and load: they take connections and do not answer; with acknowledgements missing, at min.insync.replicas",
		// Beyond SpoolAfter. Connections that cannot be made show with their own cause then.
		After:   1500 * time.Millisecond,
		Answers: []*kerr.Error{kerr.RequestTimedOut},
	},
	{
		Code: NotKafka, Title: "something else than Kafka answers at the brokers' addresses",
		Remedy: "correct the port in KAFKA_BOOTSTRAP_SERVERS: it is that of an HTTP server",
		Is:     func(err error) bool { return strings.Contains(err.Error(), "HTTP response") },
	},
	{
		Code: TLS, Title: "a certificate is refused, or only one side speaks TLS",
		Remedy: "compare KAFKA_SECURITY_PROTOCOL with the brokers' listener, and KAFKA_SSL_CA_FILE with who signed their certificates; renew what has expired",
		Is:     isTLS,
	},
	{
		Code: DNS, Title: "the brokers' names cannot be resolved",
		Remedy: "correct the names in KAFKA_BOOTSTRAP_SERVERS, and the brokers' advertised.listeners, or the machine's name service",
		Is:     is[*net.DNSError],
	},
	{
		Code: Refused, Title: "nothing listens at the brokers' addresses, or no way leads there",
		Remedy: "start the brokers, or correct KAFKA_BOOTSTRAP_SERVERS; a firewall may be in between",
		Errors: []error{syscall.ECONNREFUSED, syscall.EHOSTUNREACH, syscall.ENETUNREACH},
	},
	{
		Code: DiskFull, Title: "the spool's disk has no room left",
		Remedy: "make room on the spool's disk",
		Errors: []error{syscall.ENOSPC, syscall.EDQUOT},
	},
	{
		Code: DiskMissing, Title: "the spool's folder or file is gone, or another has taken its place",
		Remedy: "make the spool's folder again, or mount its disk; the program goes on by itself",
		Errors: []error{fs.ErrNotExist}, OfSpool: true,
	},
	{
		Code: DiskHangs, Title: "the spool's disk does not answer",
		Remedy: "look at the spool's disk, and at the network if it is a remote one",
		After:  5 * time.Second,
	},
	{Code: Closed, Title: "the publisher is closed"},
	{Code: Other, Title: "something else is wrong"},
}

// ownSake are the answers that refuse a record for its own sake, and say
// nothing about why others do not get to Kafka.
var ownSake = []error{kerr.MessageTooLarge, kerr.RecordListTooLarge, kerr.InvalidRecord}

// CauseOf returns why err keeps events from Kafka. ok is false if err does not
// say anything about that: the client was closed, somebody's context has
// ended, or a record was refused for its own sake.
func CauseOf(err error) (c Cause, ok bool) { return causeOf(err, false) }

// causeOf is CauseOf, for an error that may be the spool's.
func causeOf(err error, ofSpool bool) (c Cause, ok bool) {
	if err == nil || isAny(err, context.Canceled, kgo.ErrClientClosed, net.ErrClosed) || isAny(err, ownSake...) {
		return "", false
	}
	answer, answered := errors.AsType[*kerr.Error](err)
	for i := range Causes {
		e := &Causes[i]
		for _, a := range e.Answers {
			if a == answer {
				return e.Code, true
			}
		}
		if e.OfSpool && !ofSpool {
			continue
		}
		if !answered && (isAny(err, e.Errors...) || e.Is != nil && e.Is(err)) {
			return e.Code, true
		}
	}
	if !answered && isTimeout(err) { // which a name service's or a handshake's may be too
		return Timeout, true
	}
	return Other, true
}

// Remedy returns what to do about the cause, as a clause for people; "" for a
// cause that says nothing of that.
func (c Cause) Remedy() string { return c.entry().Remedy }

// Title returns what is so, as a clause for people.
func (c Cause) Title() string { return c.entry().Title }

func (c Cause) after() time.Duration { return c.entry().After }

func (c Cause) entry() Entry {
	for _, e := range Causes {
		if e.Code == c {
			return e
		}
	}
	return Entry{}
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
