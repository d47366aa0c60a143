package env

import (
	"cmp"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	awsiam "github.com/twmb/franz-go/pkg/sasl/aws"
)

// awsAnswer is what gives out credentials for a role.
type awsAnswer struct {
	AccessKeyID     string    `json:"AccessKeyId" xml:"AssumeRoleWithWebIdentityResult>Credentials>AccessKeyId"`
	SecretAccessKey string    `json:"SecretAccessKey" xml:"AssumeRoleWithWebIdentityResult>Credentials>SecretAccessKey"`
	Token           string    `json:"Token" xml:"AssumeRoleWithWebIdentityResult>Credentials>SessionToken"`
	Expiration      time.Time `json:"Expiration" xml:"AssumeRoleWithWebIdentityResult>Credentials>Expiration"`
}

// awsRole asks for credentials, with what request makes.
func awsRole(request func(context.Context) (*http.Request, error), read func([]byte, any) error) awsCredentials {
	return newFetched(func(ctx context.Context) (auth awsiam.Auth, life time.Duration, err error) {
		req, err := request(ctx)
		if err != nil {
			return auth, 0, err
		}
		body, err := fetch(req)
		if err != nil {
			return auth, 0, fmt.Errorf("get credentials for AWS from %s: %w", req.URL.Host, err)
		}
		var answer awsAnswer
		if err := read(body, &answer); err != nil || answer.AccessKeyID == "" || answer.SecretAccessKey == "" {
			return auth, 0, fmt.Errorf("get credentials for AWS from %s: there are none in its answer", req.URL.Host) // which may hold some
		}
		auth.AccessKey, auth.SecretKey, auth.SessionToken = answer.AccessKeyID, answer.SecretAccessKey, answer.Token
		return auth, max(time.Until(answer.Expiration), 0), nil
	}).get
}

// awsWebIdentity is for pods that have a role by their service account.
func (e *environment) awsWebIdentity() (awsCredentials, bool) {
	const roleVar, endpointVar = "AWS_ROLE_ARN", "AWS_ENDPOINT_URL_STS"
	role, file := e.get(roleVar), e.get(awsTokenFileVar)
	if role == "" || file == "" {
		return nil, false
	}
	if _, err := readToken(file); err != nil {
		e.refuse(awsTokenFileVar, "%v", err)
		return nil, true
	}
	region := cmp.Or(e.get("AWS_REGION"), e.get("AWS_DEFAULT_REGION"))
	endpoint := cmp.Or(e.get(endpointVar), stsOf(region))
	if endpoint == "" {
		e.demand("AWS_REGION", "%s needs it", roleVar)
		return nil, true
	}
	address, fault := tokenURL(endpoint)
	if fault != "" {
		e.refuse(endpointVar, "%s", fault)
		return nil, true
	}
	name := cmp.Or(e.get("AWS_ROLE_SESSION_NAME"), "onexevents")
	return awsRole(func(ctx context.Context) (*http.Request, error) {
		token, err := readToken(file)
		if err != nil {
			return nil, err
		}
		form := url.Values{
			"Action": {"AssumeRoleWithWebIdentity"}, "Version": {"2011-06-15"},
			"RoleArn": {role}, "RoleSessionName": {name}, "WebIdentityToken": {token},
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
		if err == nil {
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		return req, err
	}, xml.Unmarshal), true
}

// stsOf is the address of a region's service for roles.
func stsOf(region string) string {
	switch {
	case region == "":
		return ""
	case strings.HasPrefix(region, "cn-"):
		return "https://sts." + region + ".amazonaws.com.cn/"
	default:
		return "https://sts." + region + ".amazonaws.com/"
	}
}

// awsContainer is for tasks and pods that ask an agent on their machine.
func (e *environment) awsContainer() (awsCredentials, bool) {
	const fullVar, pathVar, tokenVar = "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN"
	name, address := pathVar, ""
	switch path, full := e.get(pathVar), e.get(fullVar); {
	case path != "":
		address = "http://" + containerHost + path
	case full != "":
		name, address = fullVar, full
	default:
		return nil, false
	}
	u, err := url.Parse(address)
	if err != nil || u.User != nil || u.Scheme != "https" && (u.Scheme != "http" || !isNear(u.Hostname())) {
		e.refuse(name, "it is no address that credentials may come from; leave it as the container has it")
		return nil, true
	}
	token, tokenFile := e.get(tokenVar), e.get(tokenVar+fileSuffix)
	return awsRole(func(ctx context.Context) (*http.Request, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
		if err != nil {
			return nil, errors.New("get credentials for AWS: the address is none")
		}
		authorization := token
		if tokenFile != "" {
			if authorization, err = readLine(tokenFile, "the token for AWS"); err != nil {
				return nil, err
			}
		}
		if authorization != "" {
			req.Header.Set("Authorization", authorization)
		}
		return req, nil
	}, json.Unmarshal), true
}
