package onex_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// A wrong password, at a broker that closes the connection over it, until the
// right one is used.
func TestHealthAuthentication(t *testing.T) {
	var password atomic.Value
	for name, mechanism := range map[string]sasl.Mechanism{
		"PLAIN": plain.Plain(func(context.Context) (plain.Auth, error) {
			return plain.Auth{User: "u", Pass: password.Load().(string)}, nil
		}),
		"SCRAM-SHA-256": scram.Sha256(func(context.Context) (scram.Auth, error) {
			return scram.Auth{User: "u", Pass: password.Load().(string)}, nil
		}),
		"SCRAM-SHA-512": scram.Sha512(func(context.Context) (scram.Auth, error) {
			return scram.Auth{User: "u", Pass: password.Load().(string)}, nil
		}),
	} {
		t.Run(name, func(t *testing.T) {
			cluster := startCluster(t, kfake.EnableSASL(), kfake.Superuser(name, "u", "right"))
			password.Store("wrong")
			_, changes := watched(t, cluster.ListenAddrs()[0], kgo.SASL(mechanism))
			down := changes.down(t, onex.CauseAuthentication)
			if !strings.Contains(down.Err.Error(), "closed the connection") {
				t.Errorf("error %v", down.Err)
			}
			password.Store("right")
			changes.up(t)
		})
	}
}

// A broker that says that it does not believe the credentials, until it does.
func TestHealthAuthenticationAnswered(t *testing.T) {
	cluster := startCluster(t, kfake.EnableSASL(), kfake.Superuser("PLAIN", "u", "p"))
	var believes atomic.Bool
	cluster.ControlKey(kmsg.SASLAuthenticate.Int16(), func(req kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		resp := req.ResponseKind().(*kmsg.SASLAuthenticateResponse)
		resp.ErrorCode = kerr.SaslAuthenticationFailed.Code
		return resp, nil, !believes.Load()
	})
	_, changes := watched(t, cluster.ListenAddrs()[0], kgo.SASL(plain.Auth{User: "u", Pass: "p"}.AsMechanism()))
	if down := changes.down(t, onex.CauseAuthentication); !errors.Is(down.Err, kerr.SaslAuthenticationFailed) {
		t.Errorf("error %v", down.Err)
	}
	believes.Store(true)
	changes.up(t)
}

// Credentials that cannot be had are no credentials.
func TestHealthAuthenticationWithoutToken(t *testing.T) {
	cluster := startCluster(t, kfake.EnableSASL(), kfake.Superuser("PLAIN", "u", "p"))
	noToken := errors.New("the vault is sealed")
	_, changes := watched(t, cluster.ListenAddrs()[0], kgo.SASL(plain.Plain(func(context.Context) (plain.Auth, error) {
		return plain.Auth{}, noToken
	})))
	if down := changes.down(t, onex.CauseAuthentication); !errors.Is(down.Err, noToken) {
		t.Errorf("error %v", down.Err)
	}
}

// A broker that wants credentials, and a client that has none.
func TestHealthAuthenticationMissing(t *testing.T) {
	cluster := startCluster(t, kfake.EnableSASL(), kfake.Superuser("PLAIN", "u", "p"))
	_, changes := watched(t, cluster.ListenAddrs()[0])
	if down := changes.down(t, onex.CauseAuthentication); !strings.Contains(down.Err.Error(), "it may want credentials") {
		t.Errorf("error %v", down.Err)
	}
}

// A topic that may not be written to suffers alone, until it may be.
func TestHealthTopicNotAuthorized(t *testing.T) {
	cluster := startCluster(t, kfake.EnableSASL(), kfake.EnableACLs(),
		kfake.SeedTopics(1, topicOf("mine"), topicOf("theirs")), kfake.Superuser("PLAIN", "admin", "p"),
		kfake.User("PLAIN", "u", "p", kfake.ACL{
			Resource: kmsg.ACLResourceTypeTopic, Name: topicOf("mine"), Pattern: kmsg.ACLResourcePatternTypeLiteral,
			Operation: kmsg.ACLOperationWrite, Allow: true,
		}))
	addr := cluster.ListenAddrs()[0]
	pub, changes := watched(t, addr, kgo.SASL(plain.Auth{User: "u", Pass: "p"}.AsMechanism()))
	changes.up(t)
	publish(t, pub, "mine")
	publish(t, pub, "theirs")
	health := changes.next(t)
	if !health.Up || len(health.Topics) != 1 || health.Topics[topicOf("theirs")] != onex.CauseAuthorization {
		t.Fatalf("health %+v", health)
	}
	allow(t, addr, topicOf("theirs"))
	for before := pub.Ledger(); pub.Ledger().Delivered == before.Delivered; {
		publish(t, pub, "theirs")
		if err := pub.Flush(testContext(t)); err != nil {
			t.Fatal(err)
		}
	}
	changes.up(t)
}

// allow lets the user u write to a topic.
func allow(t testing.TB, broker, topic string) {
	t.Helper()
	admin, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.SASL(plain.Auth{User: "admin", Pass: "p"}.AsMechanism()))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	acl := kmsg.NewCreateACLsRequestCreation()
	acl.ResourceType, acl.ResourceName, acl.ResourcePatternType = kmsg.ACLResourceTypeTopic, topic, kmsg.ACLResourcePatternTypeLiteral
	acl.Principal, acl.Host, acl.Operation, acl.PermissionType = "User:u", "*", kmsg.ACLOperationWrite, kmsg.ACLPermissionTypeAllow
	req := kmsg.NewPtrCreateACLsRequest()
	req.Creations = append(req.Creations, acl)
	resp, err := req.RequestWith(testContext(t), admin)
	if err == nil {
		err = kerr.ErrorForCode(resp.Results[0].ErrorCode)
	}
	if err != nil {
		t.Fatal(err)
	}
}
