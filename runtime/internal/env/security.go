package env

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

func (e *environment) security() {
	protocol := e.oneOf(protocolVar, "PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
	hasSASL, hasTLS := strings.HasPrefix(protocol, "SASL_"), strings.HasSuffix(protocol, "SSL")
	if protocol != "" || e.get(protocolVar) == "" {
		e.refuseDowngrade(hasSASL, hasTLS)
	}
	if hasSASL {
		e.sasl(protocol)
	}
	if hasTLS {
		e.tls()
	}
}

// refuseDowngrade refuses a protocol that does less than other variables say.
func (e *environment) refuseDowngrade(hasSASL, hasTLS bool) {
	set := func(names []string) string {
		i := slices.IndexFunc(names, func(name string) bool { return e.get(name) != "" })
		if i < 0 {
			return ""
		}
		return names[i]
	}
	forSASL, forTLS := set(saslVars), set(tlsVars)
	instead := "SASL_SSL"
	switch {
	case forSASL == "" && !hasSASL:
		instead = "SSL"
	case forTLS == "" && !hasTLS:
		instead = "SASL_SSL, or SASL_PLAINTEXT where nobody can listen"
	}
	say := func(unused, effect string) {
		remedy := fmt.Sprintf("%s would not be used, and %s; set it to %s, or take %[1]s away", unused, effect, instead)
		if e.get(protocolVar) == "" {
			e.demand(protocolVar, "%s", remedy)
		} else {
			e.refuse(protocolVar, "%s", remedy)
		}
	}
	if forSASL != "" && !hasSASL {
		say(forSASL, "nobody would log in")
	}
	if forTLS != "" && !hasTLS {
		say(forTLS, "all would go over the network in clear text")
	}
}

// mechanisms make what logs in, or note why they cannot.
var mechanisms = []struct {
	name string
	make func(*environment) sasl.Mechanism
}{
	{"PLAIN", withPassword(func(user string, password func() (string, error)) sasl.Mechanism {
		return plain.Plain(func(context.Context) (plain.Auth, error) {
			pass, err := password()
			return plain.Auth{User: user, Pass: pass}, err
		})
	})},
	{"SCRAM-SHA-256", withPassword(scramBy(scram.Sha256))},
	{"SCRAM-SHA-512", withPassword(scramBy(scram.Sha512))},
	{"OAUTHBEARER", (*environment).oauth},
	{"AWS_MSK_IAM", (*environment).aws},
}

func (e *environment) sasl(protocol string) {
	var names []string
	for _, m := range mechanisms {
		names = append(names, m.name)
	}
	i := slices.Index(names, e.oneOf(mechanismVar, names...))
	if e.get(mechanismVar) == "" {
		e.demand(mechanismVar, "%s needs it; set it to one of %s", protocol, strings.Join(names, ", "))
		i = 0 // most likely; what else is missing can be said at once
	}
	if i < 0 {
		return
	}
	if mechanism := mechanisms[i].make(e); mechanism != nil {
		e.opts = append(e.opts, kgo.SASL(mechanism))
	}
}

// withPassword is for mechanisms that need a user's name and password, and ask for
// the password with every new connection.
func withPassword(mechanism func(user string, password func() (string, error)) sasl.Mechanism) func(*environment) sasl.Mechanism {
	return func(e *environment) sasl.Mechanism {
		protocol := strings.ToUpper(e.get(protocolVar))
		user := e.needed(userVar, protocol)
		password := e.secret(passwordVar, "the password", protocol)
		if user == "" || password == nil {
			return nil
		}
		return mechanism(user, password)
	}
}

func scramBy(hash func(func(context.Context) (scram.Auth, error)) sasl.Mechanism) func(string, func() (string, error)) sasl.Mechanism {
	return func(user string, password func() (string, error)) sasl.Mechanism {
		return hash(func(context.Context) (scram.Auth, error) {
			pass, err := password()
			return scram.Auth{User: user, Pass: pass}, err
		})
	}
}

// needed returns what a variable has, without which something else cannot be.
func (e *environment) needed(name, by string) string {
	value := e.get(name)
	if value == "" {
		e.demand(name, "%s needs it", by)
	}
	return value
}
