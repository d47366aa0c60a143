package emit

import (
	"fmt"
	"slices"
)

// AsyncAPI returns the catalog as an AsyncAPI 3.0 document. It is JSON, which
// every reader of AsyncAPI takes, so that no YAML has to be written or escaped.
//
// There is one channel for each topic, also if several nodes publish to it, and
// one operation for each event of each node.
func (c *Catalog) AsyncAPI() ([]byte, error) {
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

func (c *Catalog) channels() ordered {
	channels := ordered{}
	seen := map[string]bool{}
	for _, n := range c.nodes {
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

func channelKey(n catalogNode, e catalogEvent) string { return n.Service + "." + e.literal }

func channel(e catalogEvent) ordered {
	return ordered{
		{"address", e.topic},
		{"title", e.literal},
		{"parameters", ordered{{"namespace", ordered{
			{"description", "The namespace of the publisher."},
			{"default", defaultNamespace},
		}}}},
		{"messages", ordered{{e.literal, messageOf(e)}}},
		{"bindings", kafka("topic", e.topic)},
	}
}

func messageOf(e catalogEvent) ordered {
	key := ordered{
		{"type", "string"},
		{"description", capitalized(recordKey)},
		{"examples", []string{exampleCorrelation}},
	}
	return ordered{
		{"name", e.literal},
		{"title", e.literal},
		{"contentType", "application/json"},
		{"payload", envelopeOf(e.fields)},
		{"bindings", kafka("key", key)},
		{"examples", []ordered{{
			{"name", e.stage},
			{"payload", exampleOf(e.fields)},
		}}},
	}
}

func kafka(key string, value any) ordered {
	return ordered{{"kafka", ordered{{key, value}, {"bindingVersion", "0.5.0"}}}}
}

// publishing has an operation for each event of each node.
func (c *Catalog) publishing() ordered {
	operations := ordered{}
	for _, n := range c.nodes {
		for _, e := range n.events() {
			channel := "#/channels/" + channelKey(n, e)
			operations = append(operations, member{c.unique(n) + "." + channelKey(n, e), ordered{
				{"action", "send"},
				{"channel", reference(channel)},
				{"title", n.Name + ": " + e.literal},
				{"summary", fmt.Sprintf("%s, %s node of package %s, says that %s.", n.Name, article(n.Type), n.path, e.says)},
				{"tags", []ordered{{{"name", n.Name}}}},
				{"messages", []ordered{reference(channel + "/messages/" + e.literal)}},
			}})
		}
	}
	return operations
}

func reference(to string) ordered { return ordered{{"$ref", to}} }

// unique returns the name of a node, with its package if another one has it
// too.
func (c *Catalog) unique(n catalogNode) string {
	same := func(other catalogNode) bool { return other.Name == n.Name && other.path != n.path }
	if slices.ContainsFunc(c.nodes, same) {
		return n.path + "." + n.Name
	}
	return n.Name
}
