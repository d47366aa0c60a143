package onex_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// Errors of the client have the causes that the health has, and there is
// something to do about each but the last.
func TestCauseOf(t *testing.T) {
	for want, err := range map[onex.Cause]error{
		onex.CauseRefused:        syscall.ECONNREFUSED,
		onex.CauseDNS:            &net.DNSError{Err: "no such host", Name: "kafka"},
		onex.CauseTLS:            x509.UnknownAuthorityError{},
		onex.CauseAuthentication: kerr.SaslAuthenticationFailed,
		onex.CauseAuthorization:  kerr.TopicAuthorizationFailed,
		onex.CauseTopicMissing:   kerr.UnknownTopicOrPartition,
		onex.CauseTimeout:        os.ErrDeadlineExceeded,
		onex.CauseDiskFull:       syscall.ENOSPC,
		onex.CauseOther:          errors.New("something"),
	} {
		if got := onex.CauseOf(fmt.Errorf("produce: %w", err)); got != want {
			t.Errorf("the cause of %v is %q, want %q", err, got, want)
		}
		if (want.Remedy() == "") != (want == onex.CauseOther) {
			t.Errorf("the remedy of %s is %q", want, want.Remedy())
		}
	}
	for _, err := range []error{nil, context.Canceled, kerr.MessageTooLarge} {
		if got := onex.CauseOf(err); got != "" {
			t.Errorf("the cause of %v is %q", err, got)
		}
	}
	for _, cause := range []onex.Cause{onex.CauseConnecting, onex.CauseThrottled} {
		if cause.Remedy() == "" {
			t.Errorf("there is no remedy of %s", cause)
		}
	}
}
