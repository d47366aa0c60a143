package onex

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
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
			got := cut(s, limit)
			if len(got) > limit || !utf8.ValidString(got) {
				t.Errorf("%q cut to %d: %q", s, limit, got)
			}
			if got != s && limit >= len("…") && !strings.HasSuffix(got, "…") {
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
	for _, limit := range []int{math.MaxInt, math.MaxInt/16 + 1} {
		cfg.MaxErrorBytes = limit
		if _, text := cfg.describe(errors.New("short")); text != "short" {
			t.Errorf("without a limit, text %q", text)
		}
	}
	// What is cut off before it is masked does not uncover the rest.
	cfg.MaxErrorBytes = 40
	long := "x -----BEGIN KEY-----" + strings.Repeat("A", 560) + "-----END KEY----- at postgres://svc:" + strings.Repeat("hunter2", 20) + "@db"
	if _, text := cfg.describe(errors.New(long)); strings.Contains(text, "hunter2") {
		t.Errorf("text %q", text)
	}
	if kind, _ := cfg.describe(selfNamed{"password=hunter2 " + strings.Repeat("x", 1000)}); len(kind) > 200 || strings.Contains(kind, "hunter2") {
		t.Errorf("type %q", kind)
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
		if got := MaskSecrets(in); got != want {
			t.Errorf("%q\n is masked as %q\n       want %q", in, got, want)
		}
	}
}
