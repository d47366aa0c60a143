package topics

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// MaxName is how many characters Kafka takes for the name of a topic.
const MaxName = 249

var namePat = regexp.MustCompile(`^[a-zA-Z0-9._-]+$`)

// IsName tells whether Kafka takes the name for a topic, its length apart.
func IsName(name string) bool {
	return name != "." && name != ".." && namePat.MatchString(name)
}

// nameFault says why Kafka would refuse a topic, or that of its dead letters.
func nameFault(name, letters string) error {
	longer := max(0, len(letters)-len(name))
	switch limit := MaxName - longer; {
	case strings.Contains(name, "{namespace}"):
		return fmt.Errorf("%q is a placeholder; put the publisher's namespace in place of it", "{namespace}")
	case name == "" || name == "." || name == "..":
		return fmt.Errorf("%q is no name of a topic; name it {namespace}.{service}.{event type}.v1", name)
	case !IsName(name):
		return errors.New("the name is none for Kafka; make it of letters, digits, '.', '_' and '-'")
	case len(name) > limit:
		return fmt.Errorf("the name has %d characters, and Kafka takes %d with %q behind it; shorten the namespace", len(name), limit, letters[len(letters)-longer:])
	}
	return nil
}
