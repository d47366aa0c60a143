package encode

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"strings"
	"testing"
	"time"
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

// itself and list are errors that wrap themselves; each wraps a new one each time.
type (
	itself struct{ text string }
	list   struct{ all []error }
	each   struct{ n int }
	bad    struct{ in string }
)

func (e *itself) Error() string { return e.text }
func (e *itself) Unwrap() error { return e }
func (l *list) Error() string   { return "list" }
func (l *list) Unwrap() []error { return l.all }
func (e each) Error() string    { return "each" }
func (e each) Unwrap() []error  { return []error{each{e.n + 1}, each{e.n + 1}} }

func (b bad) at(in string) {
	if b.in == in {
		panic(b)
	}
}
func (b bad) Error() string     { b.at("Error"); return "bad" }
func (b bad) ErrorType() string { b.at("ErrorType"); return "" }
func (b bad) Unwrap() error     { b.at("Unwrap"); return nil }
func (b bad) Is(error) bool     { b.at("Is"); return false }
func (b bad) As(any) bool       { b.at("As"); return true }

// However an error wraps others, it has a type and a text, soon.
func TestErrorsThatWrapThemselves(t *testing.T) {
	l := &list{}
	l.all = []error{nil, l, l, errors.New("text")}
	huge := &list{make([]error, 50_000_000)}
	for _, tt := range []struct {
		err  error
		kind string
	}{
		{&itself{"x"}, "itself"},
		{fmt.Errorf("a: %w", &itself{"x"}), "itself"},
		{l, "list"},
		{errors.Join(l, l), "list"},
		{each{}, "each"},
		{struct{ error }{l}, "error"},
		{huge, "list"},
		{(*itself)(nil), "itself"},
		{bad{"ErrorType"}, "bad"},
		{bad{"Unwrap"}, "bad"},
		{bad{"Is"}, "bad"},
		{bad{"As"}, "bad"},
		{bad{"Error"}, "bad"},
		{struct{ bad }{bad{"Is"}}, "error"},
	} {
		begun := time.Now()
		kind, text := Failure(tt.err, func(s string) string { return s }, 100)
		if kind != tt.kind || text == "" {
			t.Errorf("%T: %q, %q, want %q", tt.err, kind, text, tt.kind)
		}
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("%T: it took %v", tt.err, took)
		}
	}
}

func TestErrorTextIsCutBetweenCharacters(t *testing.T) {
	for _, s := range []string{"short", strings.Repeat("é", 50), strings.Repeat("x", 100), strings.Repeat("😀", 30)} {
		for limit := range 25 {
			got := Cut(s, limit)
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
	_, text := Failure(fmt.Errorf("cannot reach postgres://user:%s@db/x", strings.Repeat("secret", 20)), Mask, 40)
	if text != "cannot reach postgres://***@db/x" {
		t.Errorf("text %q", text)
	}
	for _, limit := range []int{math.MaxInt, math.MaxInt/16 + 1} {
		if _, text := Failure(errors.New("short"), Mask, limit); text != "short" {
			t.Errorf("without a limit, text %q", text)
		}
	}
	// What is cut off before it is masked does not uncover the rest.
	long := "x -----BEGIN KEY-----" + strings.Repeat("A", 560) + "-----END KEY----- at postgres://svc:" + strings.Repeat("hunter2", 20) + "@db"
	if _, text := Failure(errors.New(long), Mask, 40); strings.Contains(text, "hunter2") {
		t.Errorf("text %q", text)
	}
	// Nor does what crosses the place where a long text is cut off.
	for _, secret := range []string{"postgres://svc:hunter2hunter2@db/x", `password="hunter2 hunter2 hunter2"`, "-----BEGIN PRIVATE KEY-----\nhunter2hunter2", "Authorization: Bearer hunter2hunter2", "hvs.hunter2hunter2hunter2"} {
		for shift := range 60 {
			for _, gap := range []string{" ", "\n", ", "} {
				before := "password=" + strings.Repeat("a", 630-shift) // of which little is left
				if _, text := Failure(errors.New(before+gap+secret+gap+strings.Repeat("x", 1000)), Mask, 40); strings.Contains(text, "hunter2") || len(text) > 40 || !utf8.ValidString(text) {
					t.Fatalf("%q before %q, %d from the cut: text %q", gap, secret, shift, text)
				}
			}
		}
	}
	if _, text := Failure(errors.New(strings.Repeat("字", 1000)), Mask, 40); text != strings.Repeat("字", 12)+"…" {
		t.Errorf("without white space, text %q", text)
	}
	if kind, _ := Failure(selfNamed{"password=hunter2 " + strings.Repeat("x", 1000)}, Mask, 40); len(kind) > 200 || strings.Contains(kind, "hunter2") {
		t.Errorf("type %q", kind)
	}
	if _, text := Failure(errors.New("password=x"), func(string) string { panic("boom") }, 40); strings.Contains(text, "password") {
		t.Errorf("a mask that fails lets through %q", text)
	}
}
