package cluster

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sasl"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
)

// Topics are the names of the topics that are read whole.
func (r *Reader) Topics() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.DeleteFunc(slices.Sorted(maps.Keys(r.known)), func(name string) bool { return r.unread[name] })
}

// ID identifies a topic among those that have had its name, if it is there.
func (r *Reader) ID(topic string) (id kadm.TopicID, isThere bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	detail, isThere := r.known[topic]
	return detail.ID, isThere
}

// warnOfHidden tells of the topics in scope that the user may not see. Brokers
// leave those out of a list; they have to be asked for by name.
func (r *Reader) warnOfHidden(ctx context.Context, visible kadm.TopicDetails) error {
	hidden, err := r.hidden(ctx, r.scope.unlisted(visible))
	for _, name := range hidden {
		r.warn(unreadable(name, kerr.TopicAuthorizationFailed))
	}
	return err
}

// Unlisted is to be said of what was read for a user who has logged in, and else "".
func Unlisted(opts []kgo.Opt) string {
	client, err := kgo.NewClient(opts...)
	if err != nil {
		return ""
	}
	defer client.Close()
	if mechanisms, _ := client.OptValue(kgo.SASL).([]sasl.Mechanism); len(mechanisms) == 0 {
		return ""
	}
	return "Kafka does not tell of topics that the user may not DESCRIBE; one is missed only if its whole name is given, or is that of dead letters of a topic that he may"
}

// fullName is what a regular expression looks like that is the name of a topic.
var fullName = regexp.MustCompile(`^\^?([a-zA-Z0-9_-]+\\?\.)+v[0-9]+((\\?[a-zA-Z0-9._-])*)\$?$`)

// NameIn returns the topic that a regular expression names, if it is no more than
// a whole name.
func NameIn(pattern string) []string {
	if !fullName.MatchString(pattern) {
		return nil
	}
	return []string{strings.NewReplacer("^", "", "$", "", `\`, "").Replace(pattern)}
}

// unlisted are the topics in scope that may be there, though a list does not
// have them.
func (s Scope) unlisted(visible kadm.TopicDetails) []string {
	names := map[string]bool{}
	for _, name := range s.Named {
		names[name] = true
	}
	if s.Related != nil {
		for name := range visible {
			names[s.Related(name)] = true
		}
	}
	maps.DeleteFunc(names, func(name string, _ bool) bool {
		_, isVisible := visible[name]
		return isVisible || name == "" || !s.Topics(name)
	})
	return slices.Sorted(maps.Keys(names))
}

// hidden returns which of these topics the user may not see. Of a topic that he
// may not see nobody tells him whether it is there.
func (r *Reader) hidden(ctx context.Context, names []string) ([]string, error) {
	var hidden []string
	for some := range slices.Chunk(names, 500) {
		var answer *kmsg.MetadataResponse
		err := patiently(ctx, func(ctx context.Context) (err error) {
			answer, err = Metadata(ctx, r.client, some)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("ask for topics by name: %w", err)
		}
		for _, topic := range answer.Topics {
			if topic.Topic != nil && topic.ErrorCode == kerr.TopicAuthorizationFailed.Code {
				hidden = append(hidden, *topic.Topic)
			}
		}
	}
	return hidden, nil
}

// Nothing is the error if there is no topic to read. It says what a topic has to
// be like, which flags say so, and how many topics are not.
func (r *Reader) Nothing(like, flags string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.known) > 0 {
		return nil
	}
	return fmt.Errorf("no topic was read: %s %s; correct %s, or allow the user to DESCRIBE and READ more",
		r.others(), like, flags)
}

func (r *Reader) others() string {
	switch r.visible {
	case 0:
		return "the user may see no topic, and so none that"
	case 1:
		return "the only topic that the user may see is none that"
	default:
		return fmt.Sprintf("of the %d topics that the user may see none", r.visible)
	}
}

// shownNames are how many topics a message names.
const shownNames = 5

// Names lists topics for a message, the first of them.
func Names(topics []string) string {
	text := terminal.Printable(strings.Join(topics[:min(shownNames, len(topics))], ", "))
	if rest := len(topics) - shownNames; rest > 0 {
		text += fmt.Sprintf(" and %d more", rest)
	}
	return text
}
