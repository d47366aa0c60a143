package catalog

import (
	"fmt"
	"slices"
	"strings"

	"github.com/omninode-ai/onexevents/emit/internal/naming"
)

// title names the services whose events the catalog lists, if they are few.
func (c Catalog) title() string {
	services := c.services()
	switch last := len(services) - 1; {
	case last < 0:
		return "Events"
	case last == 0:
		return "Events of " + services[0]
	case last < 5:
		return "Events of " + strings.Join(services[:last], ", ") + " and " + services[last]
	default:
		return fmt.Sprintf("Events of %d services", len(services))
	}
}

// services returns the services of the nodes, in their order.
func (c Catalog) services() []string {
	services := []string{}
	for _, n := range c {
		if !slices.Contains(services, n.Service) {
			services = append(services, n.Service)
		}
	}
	return services
}

// literally returns a text from source for where Markdown is expected: no markup
// of it means anything there.
func literally(text string) string { return markup.Replace(text) }

var markup = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "`", "\\`", "\\", "\\\\", "[", "\\[", "]", "\\]", "!", "\\!", "_", "\\_", "*", "\\*", "~", "\\~")

// introduction says in Markdown what all events have in common.
func (c Catalog) introduction() string {
	if len(c) == 0 {
		return "No node publishes events."
	}
	distinct := map[string]bool{}
	for _, e := range c.events() {
		distinct[e.topic] = true
	}
	verb := "publish"
	if len(c) == 1 {
		verb = "publishes"
	}
	return fmt.Sprintf("%s %s events to %s. In a topic, `%s` stands for the namespace of the publisher, `%s` if it has no other. The value of a record is an OnexEnvelopeV1 in JSON, whose `payload` says what happened. The key of a record is %s With Profile2, the topics have no namespace in them, and the value is a ModelEventEnvelope with the same payload.",
		count(len(c), "node"), verb, count(len(distinct), "topic"), placeholder, naming.DefaultNamespace, recordKey)
}

// recordKey and recordKey2 complete "The key of a record is" (envelope/contract.md, section 1).
const recordKey2 = "the partition key that the publisher was given, or else the payload's `correlation_id`, or else its `node_id`."

const recordKey = "the first that is not empty of the envelope's `partition_key`, `correlation_id`, `source_node_id` and `event_id`."

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
