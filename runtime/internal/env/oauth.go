package env

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/oauth"

	"github.com/omninode-ai/onexevents/runtime/internal/encode"
)

// oauth makes the mechanism that logs in with a token: one from a file, which is
// read with every new connection, or one from a server of tokens.
func (e *environment) oauth() sasl.Mechanism {
	extensions, ok := e.extensions()
	file, endpoint := e.get(tokenFileVar), e.get(tokenURLVar)
	var token func(context.Context) (string, error)
	switch {
	case file != "" && endpoint != "":
		e.refuse(tokenFileVar, "%s is set too; set one of the two", tokenURLVar)
	case file != "":
		token = func(context.Context) (string, error) { return readToken(file) }
		if _, err := readToken(file); err != nil {
			e.refuse(tokenFileVar, "%v", err)
		}
	case endpoint != "":
		token = e.clientCredentials()
	default:
		e.demand(tokenFileVar, "OAUTHBEARER needs it, or %s with %s and %s", tokenURLVar, clientIDVar, clientSecretVar)
	}
	if token == nil || !ok {
		return nil
	}
	return oauth.Oauth(func(ctx context.Context) (oauth.Auth, error) {
		t, err := token(ctx)
		return oauth.Auth{Token: t, Extensions: extensions}, err
	})
}

// tokenText is what a token may be made of (RFC 6750). Anything else could end it
// early, and say more to the broker.
var tokenText = regexp.MustCompile(`^[A-Za-z0-9._~+/-]+=*$`)

func readToken(file string) (string, error) {
	token, err := readLine(file, "the token")
	if err == nil && !tokenText.MatchString(strings.TrimSpace(token)) {
		err = errors.New("read the token: the file has something that is none")
	}
	return strings.TrimSpace(token), err
}

// How extensions may be written (RFC 7628).
var (
	extensionName  = regexp.MustCompile(`^[A-Za-z]+$`)
	extensionValue = regexp.MustCompile(`^[\x21-\x7e \t]*$`)
)

// extensions are what the broker is to be told besides: name=value, several with
// commas.
func (e *environment) extensions() (map[string]string, bool) {
	text := e.get(extensionsVar)
	if text == "" {
		return nil, true
	}
	all := map[string]string{}
	for one := range strings.SplitSeq(text, ",") {
		name, value, ok := strings.Cut(strings.TrimSpace(one), "=")
		if !ok || !extensionName.MatchString(name) || name == "auth" || !extensionValue.MatchString(value) {
			e.refuse(extensionsVar, "write name=value, several with commas, names of letters, and not auth")
			return nil, false
		}
		all[name] = value
	}
	return all, true
}

// clientCredentials returns what to ask for a token that a server gives out for a
// client's id and secret (RFC 6749, 4.4), or nil.
func (e *environment) clientCredentials() func(context.Context) (string, error) {
	address, fault := tokenURL(e.get(tokenURLVar))
	if fault != "" {
		e.refuse(tokenURLVar, "%s", fault)
	}
	id, secret := e.needed(clientIDVar, tokenURLVar), e.secret(clientSecretVar, "the client's secret", tokenURLVar)
	if fault != "" || id == "" || secret == nil {
		return nil
	}
	form := url.Values{"grant_type": {"client_credentials"}}
	if scope := e.get(scopeVar); scope != "" {
		form.Set("scope", scope)
	}
	return newFetched(func(ctx context.Context) (string, time.Duration, error) {
		password, err := secret()
		if err != nil {
			return "", 0, err
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
		if err != nil {
			return "", 0, errors.New("get a token: the address is none") // it was one before
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Accept", "application/json")
		req.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(password))
		body, err := fetch(req)
		if err == nil {
			var token string
			var life time.Duration
			if token, life, err = tokenOf(body); err == nil {
				return token, life, nil
			}
		}
		return "", 0, fmt.Errorf("get a token from %s: %w", req.URL.Host, explained(err, password))
	}).get
}

// tokenURL checks the address of a server of tokens. What is wrong with it does not
// have it: it may hold a secret.
func tokenURL(text string) (address, fault string) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return "", "it is no address; give one with https://"
	case u.User != nil:
		return "", fmt.Sprintf("there is a user in it; set %s and %s instead", clientIDVar, clientSecretVar)
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return "", "the client's secret would go over the network in clear text; give an address with https://"
	}
	return u.String(), ""
}

// tokenOf reads an answer. A token of which nobody says how long it is good for is
// used once.
func tokenOf(body []byte) (token string, life time.Duration, err error) {
	var answer struct {
		Token string      `json:"access_token"`
		Life  json.Number `json:"expires_in"` // which some write as a string
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return "", 0, errors.New("its answer cannot be read") // and may hold the token
	}
	if !tokenText.MatchString(answer.Token) {
		return "", 0, errors.New("there is no token in its answer")
	}
	seconds, _ := strconv.ParseFloat(string(answer.Life), 64)
	return answer.Token, time.Duration(min(max(seconds, 0), 1e6) * float64(time.Second)), nil
}

// explained adds to a refusal what the server says of the reason, and nothing that
// it might repeat of what it was sent.
func explained(err error, secret string) error {
	refused, ok := errors.AsType[*refusal](err)
	if !ok {
		return err
	}
	var reason struct {
		Code        string `json:"error"`
		Description string `json:"error_description"`
	}
	_ = json.Unmarshal(refused.body, &reason) // else it says nothing
	text := strings.Trim(reason.Code+": "+reason.Description, ": ")
	if text == "" {
		return err
	}
	for _, s := range []string{secret, url.QueryEscape(secret)} {
		text = strings.ReplaceAll(text, s, encode.Masked)
	}
	return fmt.Errorf("%w: %s", err, encode.Cut(encode.Mask(text), 300))
}
