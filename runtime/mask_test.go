package onex

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
		if got := MaskSecrets(s); got != want {
			t.Errorf("%q is masked as %q, want %q", s, got, want)
		}
	})
}
