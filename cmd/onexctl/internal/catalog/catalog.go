package catalog

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/command"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
)

// Chosen are topics: those of the catalogs that the flag -f names, and those that
// -topic names.
type Chosen struct {
	files, names []string
}

// Choose gives a command the flags -f and -topic.
func Choose(flags *flag.FlagSet) *Chosen {
	c := &Chosen{}
	add := func(list *[]string) func(string) error {
		return func(value string) error {
			*list = append(*list, value)
			return nil
		}
	}
	flags.Func("f", "", add(&c.files))
	flags.Func("topic", "", add(&c.names))
	return c
}

// IsNone tells whether neither flag was given.
func (c *Chosen) IsNone() bool { return len(c.files)+len(c.names) == 0 }

// HasCatalog tells whether there is a catalog, and not only names.
func (c *Chosen) HasCatalog() bool { return len(c.files) > 0 || c.IsNone() }

// Topics returns the topics, with the namespace in them: those of Profile2 if it is
// for its bus. If none are chosen the
// catalog comes from standard input. A catalog may come from a stranger: it names
// topics of the namespace only. Kafka's own topics nobody may name.
func (c *Chosen) Topics(stdin io.Reader, namespace string, isBus bool) ([]string, error) {
	files := c.files
	if c.IsNone() {
		if terminal.IsTerminal(stdin) {
			return nil, command.Misuse("there is no catalog; give its file with -f, or pipe it in: onexevents catalog -format json ./... | onexctl …")
		}
		files = []string{"-"}
	}
	var all []string
	var refused error
	add := func(topics []string, from, prefix string) {
		for _, topic := range topics {
			topic = strings.ReplaceAll(topic, "{namespace}", namespace)
			switch {
			case strings.HasPrefix(topic, "__"):
				refused = errors.Join(refused, fmt.Errorf("%s: the topic %s is Kafka's own, as its name begins with __; take it out", from, terminal.Printable(topic)))
			case !strings.HasPrefix(topic, prefix):
				refused = errors.Join(refused, fmt.Errorf("%s: the topic %s does not begin with %s; take it out, or name it with -topic", from, terminal.Printable(topic), prefix))
			default:
				all = append(all, topic)
			}
		}
	}
	add(c.names, "-topic", "")
	for _, file := range files {
		topics, err := readCatalog(file, stdin, namespace, isBus)
		if err != nil {
			return nil, err
		}
		prefix := namespace + "."
		if namespace == "" { // as only Profile2 may have it
			prefix = "onex.evt."
		}
		add(topics, file, prefix)
	}
	if refused != nil {
		return nil, refused
	}
	if len(all) == 0 {
		return nil, errors.New("there is no topic in the catalog; make one of packages with nodes, with onexevents catalog -format json")
	}
	return all, nil
}

// WithoutMark takes off the byte order mark that some editors put before a text.
func WithoutMark(text []byte) []byte { return bytes.TrimPrefix(text, []byte("\ufeff")) }

// readCatalog returns the topics that a catalog has; "-" is standard input. What
// later generators may add to catalogs is no mistake.
func readCatalog(file string, stdin io.Reader, namespace string, isBus bool) (topics []string, err error) {
	name, text := file, []byte(nil)
	if file == "-" {
		name = "standard input"
		text, err = io.ReadAll(stdin)
	} else {
		text, err = os.ReadFile(file)
	}
	if err != nil {
		return nil, fmt.Errorf("read the catalog: %w", err)
	}
	text = WithoutMark(text)
	var catalog struct {
		Nodes *[]struct {
			Topics  []string `json:"topics"`
			Topics2 []string `json:"topics_2"`
			Refused string   `json:"refused_2"`
		} `json:"nodes"`
	}
	err = json.Unmarshal(text, &catalog)
	if len(bytes.TrimSpace(text)) == 0 || err == nil && catalog.Nodes == nil {
		return nil, fmt.Errorf("%s is no catalog; make one with onexevents catalog -format json", name)
	}
	if err != nil {
		return nil, fmt.Errorf("%w; make a catalog with onexevents catalog -format json", Placed(name, text, err))
	}
	for _, node := range *catalog.Nodes {
		if !isBus {
			topics = append(topics, node.Topics...)
			continue
		}
		if node.Refused != "" {
			return nil, fmt.Errorf("%s: %s", name, node.Refused)
		}
		for _, topic := range node.Topics2 {
			topics = append(topics, onBroker(topic, namespace))
		}
	}
	return topics, nil
}

// onBroker returns what a topic of Profile2 is called on the brokers.
func onBroker(topic, namespace string) string {
	if namespace == "" || strings.HasPrefix(topic, namespace+".") {
		return topic
	}
	return namespace + "." + topic
}
