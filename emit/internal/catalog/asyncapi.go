package catalog

import (
	"fmt"
	"slices"

	"github.com/omninode-ai/onexevents/emit/internal/naming"
)

// AsyncAPI writes the catalog as an AsyncAPI 3.0 document. What channels and
// operations have in common stands once, in its components.
func (c Catalog) AsyncAPI() ([]byte, error) {
	doc := ordered{
		{"asyncapi", "3.0.0"},
		{generatedKey, generatedBy},
		{"info", ordered{
			{"title", c.title()},
			{"version", eventVersion},
			{"description", c.introduction()},
			{"tags", tags(c.services()...)},
		}},
		{"defaultContentType", "application/json"},
		{"servers", ordered{{"kafka", ordered{
			{"host", "{bootstrap}"},
			{"protocol", "kafka"},
			{"description", "The Kafka cluster of the publishers."},
			{"variables", ordered{{"bootstrap", ordered{{"default", "localhost:9092"}, {"description", "One of its brokers."}}}}},
		}}}},
		{"channels", c.channels()},
		{"operations", c.publishing()},
	}
	if messages, schemas := c.messages(); len(messages) > 0 {
		doc = append(doc, member{"components", ordered{
			{"messages", messages},
			{"schemas", schemas},
			{"messageBindings", ordered{{"recordKey", keyBinding(recordKey)}, {"recordKey2", keyBinding(recordKey2)}}},
		}})
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
	for _, topic := range c.topics() {
		channels = append(channels, member{channelKey(topic.nodes[0], topic.event), channel(topic)})
	}
	return channels
}

// channelKey names a channel: in the first profile with its service, which the
// event types of the other have in them.
func channelKey(n node, e event) string {
	key := n.typeOf(e)
	if !e.bus {
		key = n.Service + "." + key
	}
	if e.Version > 0 {
		return fmt.Sprintf("%s.v%d", key, e.Version)
	}
	return key
}

func channel(t *topic) ordered {
	n, e := t.nodes[0], t.event
	about := ordered{
		{"address", e.topic},
		{"title", t.label()},
		{"servers", []ordered{reference("#/servers/kafka")}},
		{"messages", ordered{{n.typeOf(e), reference("#/components/messages/" + t.name)}}},
		{"tags", tags(n.Service)},
		{"bindings", kafka("topic", e.topic)},
	}
	if e.bus {
		return about
	}
	return append(about, member{"parameters", ordered{{"namespace", ordered{
		{"description", "The namespace of the publisher."},
		{"default", naming.DefaultNamespace},
	}}}})
}

// messages returns the messages by their names, and the schemas of all of them.
func (c Catalog) messages() (messages, all ordered) {
	s := newSchemas()
	for _, topic := range c.topics() {
		n, e := topic.nodes[0], topic.event
		name, envelope, key := topic.name, envelopeName, "recordKey"
		if e.bus {
			envelope, key = envelope2Name, "recordKey2"
		}
		payload := s.narrowed(name+"Event", naming.Capitalized(e.Says)+".", envelope, topic.fields())
		message := ordered{
			{"name", name},
			{"title", topic.label()},
			{"summary", naming.Capitalized(e.Says) + "."},
		}
		if about := topic.doc(); about != "" {
			message = append(message, member{"description", about})
		}
		messages = append(messages, member{name, append(message, ordered{
			{"contentType", "application/json"},
			{"payload", payload},
			{"tags", tags(n.Service)},
			{"bindings", reference("#/components/messageBindings/" + key)},
			{"examples", []ordered{{
				{"name", e.Stage},
				{"payload", exampleOf(topic.fields())},
			}}},
		}...)})
	}
	return messages, s.list
}

func keyBinding(says string) ordered {
	return kafka("key", ordered{
		{"type", "string"},
		{"description", naming.Capitalized(says)},
		{"examples", []string{exampleCorrelation}},
	})
}

func tags(names ...string) []ordered {
	list := []ordered{}
	for _, name := range names {
		list = append(list, ordered{{"name", name}})
	}
	return list
}

func kafka(key string, value any) ordered {
	return ordered{{"kafka", ordered{{key, value}, {"bindingVersion", "0.5.0"}}}}
}

// publishing has an operation for each event of each node.
func (c Catalog) publishing() ordered {
	operations := ordered{}
	for _, n := range c {
		for _, e := range c.everywhere(n) {
			channel := "#/channels/" + channelKey(n, e)
			operation := ordered{
				{"action", "send"},
				{"channel", reference(channel)},
				{"title", n.Name + ": " + n.typeOf(e)},
				{"summary", fmt.Sprintf("%s, %s node of package %s, says that %s.", n.Name, naming.Article(n.Type), n.path, e.Says)},
			}
			if n.Doc != "" {
				operation = append(operation, member{"description", literally(n.Doc)})
			}
			operations = append(operations, member{c.unique(n) + "." + channelKey(n, e), append(operation, ordered{
				{"tags", tags(n.Service, n.Name)},
				{"messages", []ordered{reference(channel + "/messages/" + n.typeOf(e))}},
			}...)})
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
