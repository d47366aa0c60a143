package emit

import "github.com/omninode-ai/onexevents/emit/internal/catalog"

// Schema is the JSON Schema of one message, draft 7: all that a schema registry
// has to be given, as it refers to nothing outside of it.
type Schema struct {
	Topic  string // that the messages come to, with {namespace} in it
	Name   string // "stamping.effect.stamp.started", with ".v2" behind a later version
	Source []byte
}

// FileName returns the base name of the file that the schema is kept in.
func (s Schema) FileName() string { return s.Name + SchemaSuffix }

// SchemaSuffix ends the names of the files of schemas.
const SchemaSuffix = ".schema.json"

// Schemas returns a schema for each topic, in the order of the nodes: the same
// bytes for the same nodes, ending in a line end.
func (c *Catalog) Schemas() ([]Schema, error) {
	found, err := c.nodes.Schemas()
	if err != nil {
		return nil, err
	}
	list := make([]Schema, len(found))
	for i, s := range found {
		list[i] = Schema(s)
	}
	return list, nil
}

// IsSchema tells whether src is one of [Catalog.Schemas], and so may be replaced
// by another.
func IsSchema(src []byte) bool { return catalog.IsSchema(src) }
