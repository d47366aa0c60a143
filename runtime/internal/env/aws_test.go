package env

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

var withAWS = vars{"KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "KAFKA_SASL_MECHANISM": "aws_msk_iam"}

// logsInAs checks with whose credentials a mechanism logs in. The signature is the
// Kafka client's matter.
func logsInAs(t testing.TB, v vars, keyID, token string) {
	t.Helper()
	message, err := first(t, mechanismOf(t, v))
	if err != nil {
		t.Error(err)
		return
	}
	var said map[string]string
	if err := json.Unmarshal([]byte(message), &said); err != nil {
		t.Fatal(err)
	}
	if id, _, _ := strings.Cut(said["x-amz-credential"], "/"); id != keyID || said["x-amz-security-token"] != token || said["x-amz-signature"] == "" ||
		said["host"] != "b-1.kafka.eu-west-1.amazonaws.com" || !strings.Contains(said["x-amz-credential"], "/eu-west-1/") {
		t.Errorf("it says %s, want %s with token %q", message, keyID, token)
	}
}

// Credentials of AWS are in variables, or in a file that is read with every new
// connection.
func TestAWSKeys(t *testing.T) {
	logsInAs(t, withAWS.with(vars{"AWS_ACCESS_KEY_ID": "AKIA1", "AWS_SECRET_ACCESS_KEY": "s"}), "AKIA1", "")
	logsInAs(t, withAWS.with(vars{"AWS_ACCESS_KEY_ID": "AKIA1", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t"}), "AKIA1", "t")

	home := t.TempDir()
	file := filepath.Join(home, ".aws", "credentials")
	if err := os.Mkdir(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, file, bom+"[default]\r\naws_access_key_id = AKIA2\r\naws_secret_access_key = s=/\r\n# [other]\n[ops]\nAWS_ACCESS_KEY_ID=AKIA3\naws_secret_access_key=s\naws_session_token=t\n[role]\nrole_arn=x\n")
	logsInAs(t, withAWS.with(vars{"HOME": home}), "AKIA2", "")
	logsInAs(t, withAWS.with(vars{"AWS_SHARED_CREDENTIALS_FILE": file, "AWS_PROFILE": "ops"}), "AKIA3", "t")
	v := withAWS.with(vars{"HOME": home})
	m := mechanismOf(t, v)
	write(t, file, "[default]\naws_access_key_id=AKIA4\naws_secret_access_key=s\n")
	if message, err := first(t, m); err != nil || !strings.Contains(message, "AKIA4/") {
		t.Errorf("what has been replaced: %s, %v", message, err)
	}
}

// roles gives out credentials until an hour from now; what has no answer is refused.
func roles(t *testing.T, answer func(r *http.Request, until string) string) (address string, asked *atomic.Int32) {
	asked = new(atomic.Int32)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		text := answer(r, time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
		if text == "" {
			w.WriteHeader(http.StatusForbidden)
		}
		fmt.Fprint(w, text)
	}))
	t.Cleanup(server.Close)
	return server.URL, asked
}

// A pod has a role by its service account.
func TestAWSWebIdentity(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	write(t, file, "a.b.c")
	address, asked := roles(t, func(r *http.Request, until string) string {
		if err := r.ParseForm(); err != nil || r.PostForm.Get("WebIdentityToken") != "a.b.c" || r.PostForm.Get("RoleArn") != "arn:aws:iam::1:role/r" ||
			r.PostForm.Get("Action") != "AssumeRoleWithWebIdentity" || r.PostForm.Get("RoleSessionName") != "onexevents" {
			return ""
		}
		return `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials>` +
			`<SessionToken>t</SessionToken><SecretAccessKey>s</SecretAccessKey><Expiration>` + until + `</Expiration><AccessKeyId>ASIA5</AccessKeyId>` +
			`</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`
	})
	v := withAWS.with(vars{"AWS_ROLE_ARN": "arn:aws:iam::1:role/r", "AWS_WEB_IDENTITY_TOKEN_FILE": file, "AWS_ENDPOINT_URL_STS": address})
	logsInAs(t, v, "ASIA5", "t")
	m := mechanismOf(t, v)
	before := asked.Load()
	for range 3 {
		if _, err := first(t, m); err != nil {
			t.Error(err)
		}
	}
	if n := asked.Load() - before; n != 1 {
		t.Errorf("it asks %d times within the hour", n)
	}
	write(t, file, "other")
	if _, err := first(t, mechanismOf(t, v)); err == nil || !strings.HasSuffix(err.Error(), ": it answers 403 Forbidden") {
		t.Errorf("refused: %v", err)
	}
	if got := stsOf("eu-west-1") + stsOf("cn-north-1"); got != "https://sts.eu-west-1.amazonaws.com/https://sts.cn-north-1.amazonaws.com.cn/" {
		t.Error(got)
	}
}

// A container asks an agent on its machine.
func TestAWSContainer(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	write(t, file, "Bearer x\n")
	address, _ := roles(t, func(r *http.Request, until string) string {
		switch r.Header.Get("Authorization") {
		case "Bearer x":
			return `{"AccessKeyId": "ASIA6", "SecretAccessKey": "s", "Token": "t", "Expiration": "` + until + `"}`
		case "Bearer y":
			return `{"AccessKeyId": "ASIA6"}`
		}
		return ""
	})
	v := withAWS.with(vars{"AWS_CONTAINER_CREDENTIALS_FULL_URI": address + "/v1"})
	logsInAs(t, v.with(vars{"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": file}), "ASIA6", "t")
	logsInAs(t, v.with(vars{"AWS_CONTAINER_AUTHORIZATION_TOKEN": "Bearer x"}), "ASIA6", "t")
	if _, err := first(t, mechanismOf(t, v.with(vars{"AWS_CONTAINER_AUTHORIZATION_TOKEN": "Bearer y"}))); err == nil || !strings.HasSuffix(err.Error(), ": there are none in its answer") {
		t.Errorf("half an answer: %v", err)
	}
}

// What is asked on the machine itself does not go through a proxy.
func TestNoProxyToAgents(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://proxy.example:3128") // read once in a process, so this is all that can be seen
	for _, address := range []string{"http://169.254.170.2/v2", "http://169.254.170.23/v1", "http://[fd00:ec2::23]/v1", "http://127.0.0.1:1/"} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if via, err := proxy(&http.Request{URL: u}); via != nil || err != nil {
			t.Errorf("%s goes through %v, %v", address, via, err)
		}
	}
}

// What is not there, or not supported, is said.
func TestAWSSettings(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty")
	write(t, empty, "[default]\nrole_arn = x\n")
	for want, v := range map[string]vars{
		"AWS_ACCESS_KEY_ID is not set: AWS_MSK_IAM needs it and AWS_SECRET_ACCESS_KEY; or a profile with them in ~/.aws/credentials, or AWS_ROLE_ARN with AWS_WEB_IDENTITY_TOKEN_FILE, or a container's AWS_CONTAINER_CREDENTIALS_FULL_URI; the role of an instance, SSO and credential_process are not supported": {},
		"AWS_SECRET_ACCESS_KEY is not set: AWS_ACCESS_KEY_ID needs it": {"AWS_ACCESS_KEY_ID": "x"},
		"AWS_ACCESS_KEY_ID is not set: AWS_SECRET_ACCESS_KEY needs it": {"AWS_SECRET_ACCESS_KEY": "x"},
		`AWS_SHARED_CREDENTIALS_FILE is "` + empty + `", AWS_PROFILE is "": read the credentials for AWS: the profile has no aws_access_key_id and aws_secret_access_key; roles, SSO and credential_process in profiles are not supported`: {"AWS_SHARED_CREDENTIALS_FILE": empty},
		`AWS_SHARED_CREDENTIALS_FILE is "", AWS_PROFILE is "ops": read the credentials for AWS: no such file or directory`:                                                                                                                 {"AWS_PROFILE": "ops", "HOME": "/nowhere"},
		`AWS_CONTAINER_CREDENTIALS_FULL_URI is "***": it is no address that credentials may come from; leave it as the container has it`:                                                                                                   {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://elsewhere.example/"},
		`AWS_REGION is not set: AWS_ROLE_ARN needs it`: {"AWS_ROLE_ARN": "x", "AWS_WEB_IDENTITY_TOKEN_FILE": empty + "2"},
		`AWS_ENDPOINT_URL_STS is "***": the client's secret would go over the network in clear text; give an address with https://`: {"AWS_ROLE_ARN": "x", "AWS_WEB_IDENTITY_TOKEN_FILE": empty + "2", "AWS_ENDPOINT_URL_STS": "http://sts.example"},
	} {
		write(t, empty+"2", "t")
		if _, err := Read(withAWS.with(v).get); err == nil || err.Error() != "environment: "+want {
			t.Errorf("%v:\n got %v\nwant %s", v, err, want)
		}
	}
}
