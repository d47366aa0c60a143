package env

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/twmb/franz-go/pkg/sasl"
	awsiam "github.com/twmb/franz-go/pkg/sasl/aws"
)

// aws makes the mechanism that logs in with credentials of AWS. They come from
// where AWS's own tools look for them, in their order.
func (e *environment) aws() sasl.Mechanism {
	for _, source := range []func(*environment) (awsCredentials, bool){
		(*environment).awsKeys, (*environment).awsWebIdentity, (*environment).awsProfile, (*environment).awsContainer,
	} {
		if credentials, isMeant := source(e); isMeant {
			if credentials == nil {
				return nil
			}
			return awsiam.ManagedStreamingIAM(credentials)
		}
	}
	e.demand("AWS_ACCESS_KEY_ID", "AWS_MSK_IAM needs it and AWS_SECRET_ACCESS_KEY; or a profile with them in ~/.aws/credentials, "+
		"or AWS_ROLE_ARN with AWS_WEB_IDENTITY_TOKEN_FILE, or a container's AWS_CONTAINER_CREDENTIALS_FULL_URI; "+
		"the role of an instance, SSO and credential_process are not supported")
	return nil
}

// awsCredentials returns what to log in with, for each connection.
type awsCredentials = func(context.Context) (awsiam.Auth, error)

func (e *environment) awsKeys() (awsCredentials, bool) {
	auth := awsiam.Auth{AccessKey: e.get("AWS_ACCESS_KEY_ID"), SecretKey: e.get("AWS_SECRET_ACCESS_KEY"), SessionToken: e.get("AWS_SESSION_TOKEN")}
	switch {
	case auth.AccessKey == "" && auth.SecretKey == "":
		return nil, false
	case auth.AccessKey == "":
		e.demand("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY needs it")
		return nil, true
	case auth.SecretKey == "":
		e.demand("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID needs it")
		return nil, true
	}
	return func(context.Context) (awsiam.Auth, error) { return auth, nil }, true
}

// awsProfile reads a profile with every new connection.
func (e *environment) awsProfile() (awsCredentials, bool) {
	file, profile := e.get(awsFileVar), e.get(awsProfileVar)
	isMeant := file != "" || profile != ""
	if home := cmp.Or(e.get("HOME"), e.get("USERPROFILE")); file == "" && home != "" {
		file = filepath.Join(home, ".aws", "credentials")
	}
	profile = cmp.Or(profile, "default")
	if _, err := readProfile(file, profile); err != nil {
		if isMeant {
			e.faults = append(e.faults, fmt.Errorf("%s is %q, %s is %q: %w", awsFileVar, shown(awsFileVar, e.get(awsFileVar)), awsProfileVar, shown(awsProfileVar, e.get(awsProfileVar)), err))
		}
		return nil, isMeant
	}
	return func(context.Context) (awsiam.Auth, error) { return readProfile(file, profile) }, true
}

// readProfile reads what AWS's tools call shared credentials.
func readProfile(file, profile string) (auth awsiam.Auth, err error) {
	data, err := readFile(file)
	if err != nil {
		return auth, fmt.Errorf("read the credentials for AWS: %w", err)
	}
	fields := map[string]*string{
		"aws_access_key_id": &auth.AccessKey, "aws_secret_access_key": &auth.SecretKey, "aws_session_token": &auth.SessionToken,
	}
	section := ""
	for line := range strings.Lines(data) {
		line = strings.TrimSpace(line)
		if name, ok := strings.CutPrefix(line, "["); ok {
			section, _, _ = strings.Cut(name, "]")
			section = strings.TrimSpace(section)
			continue
		}
		name, value, _ := strings.Cut(line, "=")
		if field := fields[strings.ToLower(strings.TrimSpace(name))]; section == profile && field != nil {
			*field = strings.TrimSpace(value)
		}
	}
	if auth.AccessKey == "" || auth.SecretKey == "" {
		return auth, errors.New("read the credentials for AWS: the profile has no aws_access_key_id and aws_secret_access_key; " +
			"roles, SSO and credential_process in profiles are not supported")
	}
	return auth, nil
}
