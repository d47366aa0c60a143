package catalog

import "github.com/omninode-ai/onexevents/emit/internal/naming"

// Schema is the JSON Schema of one message, which refers to nothing outside of it.
type Schema struct {
	Topic  string // with {namespace} in it
	Name   string // "stamping.effect.stamp.started"
	Source []byte
}

// Schemas writes a schema for each topic, in the draft that registries take.
func (c Catalog) Schemas() ([]Schema, error) {
	var list []Schema
	for _, t := range c.topics() {
		says := naming.Capitalized(t.event.Says) + "."
		doc := ordered{
			{"$schema", "http://json-schema.org/draft-07/schema#"},
			{"$id", "urn:onex:" + channelKey(t.nodes[0], t.event)},
			{generatedKey, generatedBy},
			{"title", t.name},
			{"description", says},
		}
		fields := t.fields()
		doc = append(doc, schemaOf(fields, inlined)...)
		source, err := encodeJSON(append(doc, member{"examples", []ordered{exampleOf(fields)}}))
		if err != nil {
			return nil, err
		}
		list = append(list, Schema{t.event.topic, channelKey(t.nodes[0], t.event), source})
	}
	return list, nil
}
