package catalog

import (
	"fmt"
	"slices"

	"github.com/omninode-ai/onexevents/emit/internal/naming"
)

// AsyncAPI writes the catalog as an AsyncAPI 3.0 document.
func (c Catalog) AsyncAPI() ([]byte, error) {
	doc := ordered{
		{"asyncapi", "3.0.0"},
		{generatedKey, generatedBy},
		{"info", ordered{
			{"title", c.title()},
			{"version", eventVersion},
			{"description", c.introduction()},
		}},
		{"defaultContentType", "application/json"},
		{"channels", c.channels()},
		{"operations", c.publishing()},
	}
	if events := c.events(); len(events) > 0 {
		envelope := anyEnvelope(events[0].fields)
		doc = append(doc, member{"components", ordered{{"schemas", ordered{{envelopeName, envelope}}}}})
	}
	return encodeJSON(doc)
}

// What an AsyncAPI document says of its origin, where an extension may stand.
const (
	generatedKey = "x-generated-by"
	generatedBy  = "onexevents"
)

func (c Catalog) channels() ordered {
	channels := ordered{}
	seen := map[string]bool{}
	for _, n := range c {
		for _, e := range n.events() {
			if seen[e.topic] {
				continue
			}
			seen[e.topic] = true
			channels = append(channels, member{channelKey(n, e), channel(e)})
		}
	}
	return channels
}

func channelKey(n node, e event) string {
	if e.Version > 0 {
		return fmt.Sprintf("%s.%s.v%d", n.Service, e.Literal, e.Version)
	}
	return n.Service + "." + e.Literal
}

func channel(e event) ordered {
	return ordered{
		{"address", e.topic},
		{"title", e.Literal},
		{"parameters", ordered{{"namespace", ordered{
			{"description", "The namespace of the publisher."},
			{"default", naming.DefaultNamespace},
		}}}},
		{"messages", ordered{{e.Literal, messageOf(e)}}},
		{"bindings", kafka("topic", e.topic)},
	}
}

func messageOf(e event) ordered {
	key := ordered{
		{"type", "string"},
		{"description", naming.Capitalized(recordKey)},
		{"examples", []string{exampleCorrelation}},
	}
	return ordered{
		{"name", e.Literal},
		{"title", e.Literal},
		{"contentType", "application/json"},
		{"payload", envelopeOf(e.fields)},
		{"bindings", kafka("key", key)},
		{"examples", []ordered{{
			{"name", e.Stage},
			{"payload", exampleOf(e.fields)},
		}}},
	}
}

func kafka(key string, value any) ordered {
	return ordered{{"kafka", ordered{{key, value}, {"bindingVersion", "0.5.0"}}}}
}

// publishing has an operation for each event of each node.
func (c Catalog) publishing() ordered {
	operations := ordered{}
	for _, n := range c {
		for _, e := range n.events() {
			channel := "#/channels/" + channelKey(n, e)
			operations = append(operations, member{c.unique(n) + "." + channelKey(n, e), ordered{
				{"action", "send"},
				{"channel", reference(channel)},
				{"title", n.Name + ": " + e.Literal},
				{"summary", fmt.Sprintf("%s, %s node of package %s, says that %s.", n.Name, naming.Article(n.Type), n.path, e.Says)},
				{"tags", []ordered{{{"name", n.Name}}}},
				{"messages", []ordered{reference(channel + "/messages/" + e.Literal)}},
			}})
		}
	}
	return operations
}

func reference(to string) ordered { return ordered{{"$ref", to}} }

// unique returns the name of a node, with its package if another one has it
// too.
func (c Catalog) unique(n node) string {
	same := func(other node) bool { return other.Name == n.Name && other.path != n.path }
	if slices.ContainsFunc(c, same) {
		return n.path + "." + n.Name
	}
	return n.Name
}
