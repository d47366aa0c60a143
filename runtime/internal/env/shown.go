package env

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/omninode-ai/onexevents/runtime/internal/encode"
)

// What a variable holds is told in an error only if it cannot be a secret that has
// got into the wrong variable: a password where a mechanism belongs, a key in PEM
// where a file's name does. So it has to look like what belongs there; all else is
// [encode.Masked].

// shown returns a value as an error may tell it.
func shown(name, value string) string {
	looksRight := isWords
	switch {
	case name == brokersVar:
		looksRight = isBrokers
	case slices.Contains(fileVars, name):
		looksRight = isFile
		if !strings.Contains(name, "_CA_") && !strings.Contains(name, "_CERT_") {
			looksRight = isPath // a word may be the secret itself
		}
	}
	if value == "" || looksRight(value) && encode.Mask(value) == value {
		return value
	}
	return encode.Masked
}

// A word has no digits among its letters, as most secrets have; a number may have a
// unit. A host may end in digits, if it has a port.
var (
	word = regexp.MustCompile(`^([A-Za-z]{1,16}|[0-9]{1,12}[A-Za-z]{0,3})$`)
	host = regexp.MustCompile(`^([A-Za-z_]{1,16}://)?` +
		`([a-z.-]{1,100}(:[a-z]{1,3})?|[a-z]+-?[0-9]{0,3}[a-z.-]{0,100}:[0-9]{0,7}|[0-9]{1,3}(\.[0-9]{1,3}){3}(:[0-9]{0,7})?|[0-9a-f]{0,4}(:[0-9a-f]{0,4}){2,8}|\[[0-9a-f:]{0,40}\](:[0-9]{0,7})?)$`)
)

func isWords(value string) bool {
	words := strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(" ._-", r) })
	return len(value) <= 40 && len(words) <= 3 && !slices.ContainsFunc(words, func(w string) bool { return !word.MatchString(w) })
}

func isBrokers(value string) bool {
	words := strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' })
	return !slices.ContainsFunc(words, func(w string) bool { return !host.MatchString(w) })
}

func isFile(value string) bool { return isWords(value) || isPath(value) }

// isPath tells whether there is such a file, or at least its folder.
func isPath(value string) bool {
	if _, err := os.Stat(value); err == nil {
		return true
	}
	dir := filepath.Dir(value)
	info, err := os.Stat(dir)
	isNamed := strings.Trim(filepath.Base(dir), `./\`) != "" && dir != filepath.Dir(dir)
	return err == nil && info.IsDir() && isNamed && !strings.ContainsAny(value, "\r\n")
}

// refuse notes that a variable's value is wrong.
func (e *environment) refuse(name, format string, args ...any) {
	e.faults = append(e.faults, fmt.Errorf("%s is %q: %s", name, shown(name, e.get(name)), fmt.Sprintf(format, args...)))
}

// demand notes that a variable is not set.
func (e *environment) demand(name, format string, args ...any) {
	e.faults = append(e.faults, fmt.Errorf("%s is not set: %s", name, fmt.Sprintf(format, args...)))
}

func (e *environment) matching(name string, ok func(string) bool, accepted string) string {
	value := e.get(name)
	if value != "" && !ok(value) {
		e.refuse(name, "make it of %s", accepted)
	}
	return value
}

func (e *environment) bool(name string, unset bool) bool {
	switch strings.ToLower(e.get(name)) {
	case "":
		return unset
	case "true", "1", "yes", "on":
		return true
	case "false", "0", "no", "off":
		return false
	}
	e.refuse(name, "set it to true or false")
	return unset
}

// oneOf returns the one of the values that a variable has, in any case of
// letters, or "".
func (e *environment) oneOf(name string, values ...string) string {
	value := e.get(name)
	for _, v := range values {
		if strings.EqualFold(value, v) {
			return v
		}
	}
	if value != "" {
		e.refuse(name, "set it to one of %s", strings.Join(values, ", "))
	}
	return ""
}
