package onex

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

type (
	quotaError       struct{}
	pageError[T any] struct{}
	selfNamed        struct{ name string }
	wrapping         struct{ error }
)

func (*quotaError) Error() string     { return "over quota" }
func (pageError[T]) Error() string    { return "no page" }
func (selfNamed) Error() string       { return "self" }
func (s selfNamed) ErrorType() string { return s.name }
func (w wrapping) Unwrap() error      { return w.error }

func TestErrorType(t *testing.T) {
	_, notThere := os.Open("/nothing/there")
	for _, tt := range []struct {
		err  error
		want string
	}{
		{errors.New("text"), "error"},
		{fmt.Errorf("a: %w", errors.New("text")), "error"},
		{&quotaError{}, "quotaError"},
		{fmt.Errorf("a: %w", fmt.Errorf("b: %w", &quotaError{})), "quotaError"},
		{errors.Join(errors.New("text"), &quotaError{}), "quotaError"},
		{fmt.Errorf("%w and %w", errors.New("text"), &quotaError{}), "quotaError"},
		{wrapping{&quotaError{}}, "quotaError"},
		{wrapping{errors.New("text")}, "wrapping"},
		{pageError[int]{}, "pageError"},
		{notThere, "Errno"},
		{fs.ErrNotExist, "error"},
		{selfNamed{"TimeoutError"}, "TimeoutError"},
		{fmt.Errorf("a: %w", selfNamed{"TimeoutError"}), "TimeoutError"},
		{selfNamed{""}, "selfNamed"},
		{context.Canceled, "Canceled"},
		{fmt.Errorf("a: %w", context.Canceled), "Canceled"},
		{context.DeadlineExceeded, "deadlineExceededError"},
	} {
		if got := errorType(tt.err); got != tt.want {
			t.Errorf("%v (%T) is a %s, want %s", tt.err, tt.err, got, tt.want)
		}
	}
}

func TestErrorTextIsCutBetweenCharacters(t *testing.T) {
	for _, s := range []string{"short", strings.Repeat("é", 50), strings.Repeat("x", 100), strings.Repeat("😀", 30)} {
		for limit := range 25 {
			got := cut(s, max(limit, 4))
			if len(got) > max(limit, 4) || !utf8.ValidString(got) {
				t.Errorf("%q cut to %d: %q", s, limit, got)
			}
			if len(s) > limit && limit >= 4 && !strings.HasSuffix(got, "…") && got != s {
				t.Errorf("%q cut to %d does not show it: %q", s, limit, got)
			}
		}
	}
}

func TestErrorTextIsMaskedBeforeItIsCut(t *testing.T) {
	cfg, err := Config{MaxErrorBytes: 40}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	_, text := cfg.describe(fmt.Errorf("cannot reach postgres://user:%s@db/x", strings.Repeat("secret", 20)))
	if text != "cannot reach postgres://***@db/x" {
		t.Errorf("text %q", text)
	}
	cfg.Mask = func(string) string { panic("boom") }
	if _, text := cfg.describe(errors.New("password=x")); strings.Contains(text, "password") {
		t.Errorf("a mask that fails lets through %q", text)
	}
}

func TestMaskSecrets(t *testing.T) {
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
		"document \"d-3\" is empty":                                                                 "document \"d-3\" is empty",
		"unexpected token } at line 3":                                                              "unexpected token } at line 3",
		"mail joe@example.com: no route":                                                            "mail joe@example.com: no route",
	} {
		if got := MaskSecrets(in); got != want {
			t.Errorf("%q\n is masked as %q\n       want %q", in, got, want)
		}
	}
}
