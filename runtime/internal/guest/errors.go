package guest

import (
	"reflect"
	"strings"
)

// What is read of an error of the program's, at the most: it may wrap itself, or
// another one for ever.
const (
	maxErrors = 1000
	maxText   = 64 << 10
)

// Walk gives f an error and what it wraps, in the order in which errors.Is goes
// through them, up to a bound, and until f returns true, which it tells.
func Walk(err error, f func(error) (stop bool)) (stopped bool) {
	left := maxErrors
	return walk(err, f, &left)
}

func walk(err error, f func(error) bool, left *int) bool {
	if err == nil || *left == 0 {
		return false
	}
	*left--
	if f(err) {
		return true
	}
	many, one := Unwrap(err)
	if walk(one, f, left) {
		return true
	}
	for i := 0; i < min(len(many), maxErrors) && *left > 0; i++ {
		if walk(many[i], f, left) {
			return true
		}
	}
	return false
}

// Unwrap returns what an error wraps: many, or one; nothing if it panics.
func Unwrap(err error) (many []error, one error) {
	defer func() { _ = recover() }()
	switch err := err.(type) {
	case interface{ Unwrap() error }:
		return nil, err.Unwrap()
	case interface{ Unwrap() []error }:
		return err.Unwrap(), nil
	}
	return nil, nil
}

// Is is errors.Is for an error of the program's.
func Is(err, target error) bool {
	return Walk(err, func(e error) bool { return isItself(e, target) || saysItIs(e, target) })
}

// isItself compares two errors, of which one may have something in it that cannot
// be compared.
func isItself(e, target error) (is bool) {
	_ = Safely(func() { is = e == target })
	return is
}

// saysItIs asks an error alone, and not what it wraps.
func saysItIs(e, target error) (is bool) {
	if asked, ok := e.(interface{ Is(error) bool }); ok {
		_ = Safely(func() { is = asked.Is(target) })
	}
	return is
}

// Tame returns an error that says what err does, and can be asked by anybody, under
// any lock: of err and what it wraps, only the methods of the standard library's
// own types are called then. errors.Is and errors.As find the values of all.
//
// An error that has nothing of the program's stays as it is.
func Tame(err error) error {
	if err == nil {
		return nil
	}
	var chain []error
	allTame := true
	Walk(err, func(e error) bool {
		chain = append(chain, e)
		allTame = allTame && isTame(e)
		return false
	})
	if allTame && len(chain) < maxErrors {
		return err
	}
	t := &tame{chain: chain, text: "an error that cannot say what it is"}
	_ = Safely(func() {
		if text := err.Error(); len(text) <= maxText {
			t.text = text
		} else {
			t.text = strings.ToValidUTF8(text[:maxText], "")
		}
	})
	for _, e := range chain {
		if timeout, ok := e.(interface{ Timeout() bool }); ok {
			_ = Safely(func() { t.timeout = timeout.Timeout() })
			break
		}
	}
	return t
}

type tame struct {
	text    string
	chain   []error
	timeout bool
}

func (t *tame) Error() string { return t.text }
func (t *tame) Timeout() bool { return t.timeout }

// Temporary makes it a net.Error.
func (t *tame) Temporary() bool { return t.timeout }

func (t *tame) Is(target error) bool {
	for _, e := range t.chain {
		if isItself(e, target) || isTame(e) && saysItIs(e, target) {
			return true
		}
	}
	return false
}

// As finds errors by their types alone: who asks for a method would call it.
func (t *tame) As(target any) bool {
	value := reflect.ValueOf(target).Elem()
	for _, e := range t.chain {
		if reflect.TypeOf(e).AssignableTo(value.Type()) && value.Kind() != reflect.Interface {
			value.Set(reflect.ValueOf(e))
			return true
		}
	}
	return false
}

// isTame tells whether an error is of a type whose methods are known to return.
func isTame(err error) bool {
	return IsStandard(err) || strings.HasPrefix(packageOf(err), "github.com/twmb/franz-go/pkg/")
}

// IsStandard tells whether a value is of one of the standard library's types that
// have to do with connections and disks, and is no nil pointer.
func IsStandard(v any) bool {
	first, _, _ := strings.Cut(packageOf(v), "/")
	return strings.Contains(standard, " "+first+" ")
}

// standard are where the packages of those begin.
const standard = " context crypto encoding errors fmt internal io net os strconv syscall "

// packageOf returns where v's type is from; "" for a nil pointer.
func packageOf(v any) string {
	t := reflect.TypeOf(v)
	if t.Kind() != reflect.Pointer {
		return t.PkgPath()
	}
	if reflect.ValueOf(v).IsNil() {
		return ""
	}
	return t.Elem().PkgPath()
}
