package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/omninode-ai/onexevents/testdata/login"
)

// startLogin is the command "login mechanism text": it starts a broker with a topic
// that takes clients of one mechanism, if what they say first contains the text; and
// at $TOKENS, what gives out the token "right" for the secret "hunter2".
func startLogin(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: login mechanism text")
	}
	cluster, err := newCluster(kfake.SeedTopics(1, "dev.a.effect.x.started.v1"))
	ts.Check(err)
	ts.Defer(cluster.Close)
	login.Only(cluster, args[0], args[1])
	ts.Setenv(servers, cluster.ListenAddrs()[0])
	tokens := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, secret, _ := r.BasicAuth(); secret != "hunter2" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		fmt.Fprint(w, `{"access_token": "right", "expires_in": 60}`)
	}))
	ts.Defer(tokens.Close)
	ts.Setenv("TOKENS", tokens.URL)
}
