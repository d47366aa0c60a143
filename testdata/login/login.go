// Package login lets clients into an embedded broker by mechanisms that it does not
// know itself.
package login

import (
	"strings"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Only makes a broker take clients of one mechanism, if what they say first
// contains a text.
func Only(c *kfake.Cluster, mechanism, text string) {
	c.ControlKey(kmsg.SASLHandshake.Int16(), func(req kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		answer := req.ResponseKind().(*kmsg.SASLHandshakeResponse)
		answer.SupportedMechanisms = []string{mechanism}
		if req.(*kmsg.SASLHandshakeRequest).Mechanism != mechanism {
			answer.ErrorCode = kerr.UnsupportedSaslMechanism.Code
		}
		return answer, nil, true
	})
	c.ControlKey(kmsg.SASLAuthenticate.Int16(), func(req kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		answer := req.ResponseKind().(*kmsg.SASLAuthenticateResponse)
		if !strings.Contains(string(req.(*kmsg.SASLAuthenticateRequest).SASLAuthBytes), text) {
			answer.ErrorCode = kerr.SaslAuthenticationFailed.Code
		} else if mechanism == "AWS_MSK_IAM" {
			answer.SASLAuthBytes = []byte(`{"version": "2020_10_22"}`)
		}
		return answer, nil, true
	})
}
