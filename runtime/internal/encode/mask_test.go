package encode

import "testing"

// A rule is left out only where it would find nothing.
func FuzzMask(f *testing.F) {
	for _, s := range []string{
		"dial tcp 10.0.0.1:5432: connect: connection refused", "Password=x", "https://u:p@host/", "Authorization: Bearer abc123DEF", "-----BEGIN RSA PRIVATE KEY-----\nx",
		"AKIAABCDEFGHIJKLMNOP", "acceſs_\u212aey: x", "ſecret=x", "BASIC dXNlcjpwYXNz", "PWD:\"a b\"", "é token = x",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want := s
		for _, r := range maskRules {
			want = r.mask(want)
		}
		if got := Mask(s); got != want {
			t.Errorf("%q is masked as %q, want %q", s, got, want)
		}
	})
}

func TestMask(t *testing.T) {
	for in, want := range map[string]string{
		"dial postgres://user:pa55@db:5432/x: refused":  "dial postgres://***@db:5432/x: refused",
		"get https://tok@host/path?token=abc&x=1":       "get https://***@host/path?token=***&x=1",
		"password=hunter2 user=joe":                     "password=*** user=joe",
		`{"api_key": "abc def", "x": 1}`:                `{"api_key": ***, "x": 1}`,
		"DB_PASSWORD: hunter2, next":                    "DB_PASSWORD: ***, next",
		"Authorization: Bearer eyJhbGciOi.J9.sig_-1":    "Authorization: Bearer ***",
		"authorization: basic dXNlcjpwYXNz":             "authorization: basic ***",
		"the basic question remains":                    "the basic question remains",
		"key AKIAIOSFODNN7EXAMPLE denied":               "key *** denied",
		"aws_secret_access_key = wJalrXUtnFEMI/K7MDENG": "aws_secret_access_key = ***",
		"bad key -----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY----- in file": "bad key -----BEGIN RSA PRIVATE KEY----- *** in file",
		"cut off -----BEGIN PRIVATE KEY-----\nMIIE":                                                 "cut off -----BEGIN PRIVATE KEY----- ***",
		`body {\"password\":\"hunter2\",\"x\":1}`:                                                   `body {\"password\":***,\"x\":1}`,
		`password="hunter2`:              `password=***`,
		"postgres://user:p@hunter2@db/x": "postgres://***@db/x",
		"private_key=abc":                "private_key=***",
		`Authorization: Bearer "abc123"`: `Authorization: Bearer "***"`,
		"Bearer: abc123":                 "Bearer: ***",
		"http://example.com?user=a@b.c":  "http://example.com?user=a@b.c",
		"document \"d-3\" is empty":      "document \"d-3\" is empty",
		"unexpected token } at line 3":   "unexpected token } at line 3",
		"mail joe@example.com: no route": "mail joe@example.com: no route",
	} {
		if got := Mask(in); got != want {
			t.Errorf("%q\n is masked as %q\n       want %q", in, got, want)
		}
	}
}
