package onex

import "time"

// Health says whether events get to Kafka, and if not, why.
type Health struct {
	// Up: a broker answers, and nothing keeps all events from being
	// acknowledged. A publisher is not up before a broker has answered it for
	// the first time, and comes up again by itself.
	Up bool

	// Cause is the one thing to look at if the publisher is not up; else "".
	Cause Cause

	// Since is when Up or Cause changed last, by the machine's clock.
	Since time.Time

	// Err is what went wrong, for errors.As and errors.Is: with CauseTLS the
	// certificate's fault, with several faults at once all of them, Cause's
	// first. It is nil if the publisher is up. Its text is masked by Config.Mask
	// and cut to Config.MaxErrorBytes; the text of what it wraps is not.
	Err error

	// Topics has the topics that suffer alone, while the publisher may well be
	// up: CauseTopicMissing or CauseAuthorization, say. A topic leaves it when
	// an event is acknowledged there. It is nil if there are none.
	Topics map[string]Cause

	// DeadLetters counts the events that are dead-lettered, by
	// [DeadLetter].Code: since the publisher was made, as in [Ledger]. A change
	// of it alone is no change of the health. It is nil if there are none.
	DeadLetters map[string]int64
}

// Cause says why events do not get to Kafka.
type Cause string

// The causes. Guesses are only made where brokers say nothing, and Health.Err
// tells them from answers.
const (
	// CauseConnecting: no broker has been reached yet, nor has trying failed.
	CauseConnecting Cause = "connecting"

	// CauseRefused: nothing listens at the brokers' addresses, or no way leads
	// there.
	CauseRefused Cause = "refused"

	// CauseDNS: the brokers' names cannot be resolved.
	CauseDNS Cause = "dns"

	// CauseTLS: the brokers' certificate or the client's is refused, or only
	// one of them speaks TLS.
	CauseTLS Cause = "tls"

	// CauseAuthentication: the brokers do not believe the credentials, or want
	// some and get none.
	CauseAuthentication Cause = "authentication"

	// CauseAuthorization: the credentials do not allow what publishing needs:
	// to write to the topic, or idempotently.
	CauseAuthorization Cause = "authorization"

	// CauseTopicMissing: the topic does not exist and is not created by
	// itself.
	CauseTopicMissing Cause = "topic_missing"

	// CauseTimeout: brokers take connections and do not answer in time, or
	// answer and acknowledge nothing. Of one topic: it has, for one, fewer
	// replicas in sync than it wants (min.insync.replicas).
	CauseTimeout Cause = "timeout"

	// CauseThrottled: the publisher has used up its quota, and brokers make it
	// wait for so long that its events go to the spool.
	CauseThrottled Cause = "throttled"

	// CauseNotKafka: something listens at the brokers' addresses that does not
	// speak Kafka's protocol, such as a web server.
	CauseNotKafka Cause = "not_kafka"

	// CauseClock: brokers refuse the events' time, as this machine's clock is off
	// or theirs are.
	CauseClock Cause = "clock"

	// CauseDiskFull: the spool's disk has no room left.
	CauseDiskFull Cause = "disk_full"

	// CauseDiskMissing: the spool's folder or file is gone.
	CauseDiskMissing Cause = "disk_missing"

	// CauseDiskHangs: the spool's disk does not answer.
	CauseDiskHangs Cause = "disk_hangs"

	// CauseClosed: the publisher is closed.
	CauseClosed Cause = "closed"

	// CauseOther: none of these; Health.Err says what.
	CauseOther Cause = "other"
)
