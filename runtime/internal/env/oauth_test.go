package env

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

var withToken = vars{"KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "KAFKA_SASL_MECHANISM": "OAUTHBEARER"}

func bearer(token string) string { return "n,,\x01auth=Bearer " + token + "\x01\x01" }

// The file with the token is read with every new connection.
func TestTokenFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	write(t, file, bom+"one.two-3\r\n")
	m := mechanismOf(t, withToken.with(vars{"KAFKA_SASL_OAUTHBEARER_TOKEN_FILE": file}))
	says(t, m, bearer("one.two-3"))
	write(t, file, "another==\n")
	says(t, m, bearer("another=="))
	for _, text := range []string{"", "two\nlines", "two words", "a\x01auth=Bearer b"} {
		write(t, file, text)
		if got, err := first(t, m); err == nil || strings.Contains(err.Error(), "words") || strings.Contains(err.Error(), file) {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}

// Some brokers want to be told more than the token.
func TestTokenExtensions(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	write(t, file, "t")
	v := withToken.with(vars{"KAFKA_SASL_OAUTHBEARER_TOKEN_FILE": file})
	says(t, mechanismOf(t, v.with(vars{"KAFKA_SASL_OAUTHBEARER_EXTENSIONS": "logicalCluster=lkc-1, identityPoolId=pool-2"})),
		"n,,\x01auth=Bearer t\x01identityPoolId=pool-2\x01logicalCluster=lkc-1\x01\x01")
	for _, wrong := range []string{"x", "=x", "auth=Bearer y", "a=b\x01c", "a=b,"} {
		if _, err := Read(v.with(vars{"KAFKA_SASL_OAUTHBEARER_EXTENSIONS": wrong}).get); err == nil || !strings.Contains(err.Error(), "write name=value") {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}

// tokens is a server of tokens, and what to ask it with.
func tokens(t *testing.T, answer http.HandlerFunc) vars {
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return withToken.with(vars{
		"KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL": server.URL + "/token",
		"KAFKA_SASL_OAUTHBEARER_CLIENT_ID":          "the client",
		"KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET":      "s3cr3t/+ %",
		"KAFKA_SASL_OAUTHBEARER_SCOPE":              "kafka write",
	})
}

// A token is asked for as the standard says, kept as long as it is good, and
// replaced before that is over.
func TestClientCredentials(t *testing.T) {
	var asked atomic.Int32
	life := `"expires_in": "3600"`
	m := mechanismOf(t, tokens(t, func(w http.ResponseWriter, r *http.Request) {
		id, secret, _ := r.BasicAuth()
		if err := r.ParseForm(); err != nil || r.Method != "POST" || id != "the+client" || secret != "s3cr3t%2F%2B+%25" ||
			r.PostForm.Encode() != "grant_type=client_credentials&scope=kafka+write" {
			t.Errorf("%s by %q with %q: %v, %v", r.Method, id, secret, r.PostForm, err)
		}
		fmt.Fprintf(w, `{"access_token": "t%d", "token_type": "Bearer", %s}`, asked.Add(1), life)
	}))
	says(t, m, bearer("t1"))
	says(t, m, bearer("t1"))

	life = `"token_type": "Bearer"` // nobody knows for how long
	m = mechanismOf(t, tokens(t, func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"access_token": "t%d", %s}`, asked.Add(1), life)
	}))
	says(t, m, bearer("t2"))
	says(t, m, bearer("t3"))
}

// What is fetched is fetched again before it expires; if it cannot be, it is used
// to its end, and the server is not asked again and again.
func TestFetched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked, broken := 0, false
		f := newFetched(func(context.Context) (int, time.Duration, error) {
			asked++
			if broken {
				return 0, 0, http.ErrHandlerTimeout
			}
			return asked, 100 * time.Second, nil
		})
		expect := func(at string, want, wantAsked int) {
			t.Helper()
			got, err := f.get(t.Context())
			if got != want || (err != nil) != (want == 0) || asked != wantAsked {
				t.Errorf("%s: %d, %v, asked %d times; want %d, %d times", at, got, err, asked, want, wantAsked)
			}
		}
		expect("at first", 1, 1)
		time.Sleep(79 * time.Second)
		expect("as long as it is good", 1, 1)
		time.Sleep(2 * time.Second)
		expect("before its end", 2, 2)
		broken = true
		time.Sleep(81 * time.Second)
		expect("and if there is none", 2, 3)
		expect("at once", 2, 3)
		time.Sleep(retryAfter + time.Second)
		expect("later", 2, 4)
		time.Sleep(100 * time.Second)
		expect("when it is over", 0, 5)
		broken = false
		expect("and then", 6, 6)
	})
}

// What a server says instead of a token is said, and nothing that it could repeat;
// it can neither hang a connection nor fill the memory.
func TestNoToken(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	for name, tt := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"refused": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"error": "invalid_client", "error_description": "no s3cr3t/+ % or s3cr3t%2F%2B+%25 here"}`)
		}, "it answers 401 Unauthorized: invalid_client: no *** or *** here"},
		"a page":   {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `<html>s3cr3t/+ %</html>`) }, "its answer cannot be read"},
		"nothing":  {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{}`) }, "there is no token in its answer"},
		"no token": {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"access_token": "s3cr3t/+ %"}`) }, "there is no token in its answer"},
		"elsewhere": {func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/token" {
				t.Error("the secret is sent elsewhere")
			}
			http.Redirect(w, r, "/other", http.StatusTemporaryRedirect)
		}, "it answers 307 Temporary Redirect"},
		"without end": {func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 64<<10)); err != nil {
					return
				}
			}
		}, "it answers more than 1048576 bytes"},
	} {
		got, err := first(t, mechanismOf(t, tokens(t, tt.answer)))
		if err == nil || !strings.HasPrefix(err.Error(), "get a token from 127.0.0.1:") || !strings.HasSuffix(err.Error(), ": "+tt.want) {
			t.Errorf("%s: %q, %v\nwant %s", name, got, err, tt.want)
		}
	}
	m := mechanismOf(t, tokens(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-release:
		}
	}))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, _, err := m.Authenticate(ctx, "a:1"); err == nil || ctx.Err() == nil {
		t.Errorf("it hangs: %v, and the context: %v", err, ctx.Err())
	}
}

// What is missing or wrong is said before anything is sent.
func TestTokenSettings(t *testing.T) {
	complete := withToken.with(vars{
		"KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL": "https://idp.example/token",
		"KAFKA_SASL_OAUTHBEARER_CLIENT_ID":          "c", "KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET": "s",
	})
	for _, tt := range []struct {
		name, value, want string
	}{
		{"KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL", "", `KAFKA_SASL_OAUTHBEARER_TOKEN_FILE is not set: OAUTHBEARER needs it, or KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL with KAFKA_SASL_OAUTHBEARER_CLIENT_ID and KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET`},
		{"KAFKA_SASL_OAUTHBEARER_CLIENT_ID", "", `KAFKA_SASL_OAUTHBEARER_CLIENT_ID is not set: KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL needs it`},
		{"KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET", "", `KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET is not set: KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL needs it; set it, or KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET_FILE to a file that has it`},
		{"KAFKA_SASL_OAUTHBEARER_TOKEN_FILE", "x", `KAFKA_SASL_OAUTHBEARER_TOKEN_FILE is "***": KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL is set too; set one of the two`},
		{"KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL", "http://idp.example/token", `KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL is "***": the client's secret would go over the network in clear text; give an address with https://`},
		{"KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL", "https://u:p@idp.example/", `KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL is "***": there is a user in it; set KAFKA_SASL_OAUTHBEARER_CLIENT_ID and KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET instead`},
		{"KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL", "idp.example", `KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL is "idp.example": it is no address; give one with https://`},
	} {
		if _, err := Read(complete.with(vars{tt.name: tt.value}).get); err == nil || err.Error() != "environment: "+tt.want {
			t.Errorf("%s=%s:\n got %v\nwant %s", tt.name, tt.value, err, tt.want)
		}
	}
	if _, err := Read(complete.get); err != nil {
		t.Error(err)
	}
}
