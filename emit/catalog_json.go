package emit

import (
	"bytes"
	"encoding/json"
)

// catalogJSON is the catalog's JSON. No list in it is null.
type catalogJSON struct {
	Nodes []nodeJSON `json:"nodes"`
}

type nodeJSON struct {
	Package            string   `json:"package"`
	Node               string   `json:"node"`
	Type               string   `json:"type"`
	Service            string   `json:"service"`
	OperationLifecycle []string `json:"operation_lifecycle"`
	StateEvents        []string `json:"state_events"`
	MetricEvents       []string `json:"metric_events"`
	Topics             []string `json:"topics"`
}

// JSON returns the catalog as {"nodes": […]}. The topics of a node are in the
// order of its events: of its operations, of its state, of its metrics.
func (c *Catalog) JSON() ([]byte, error) {
	doc := catalogJSON{Nodes: []nodeJSON{}}
	for _, n := range c.nodes {
		doc.Nodes = append(doc.Nodes, nodeJSON{
			Package:            n.path,
			Node:               n.Name,
			Type:               n.Type,
			Service:            n.Service,
			OperationLifecycle: eventTypes(n.lifecycle),
			StateEvents:        eventTypes(n.state),
			MetricEvents:       eventTypes(n.metric),
			Topics:             topics(n.events()),
		})
	}
	return encodeJSON(doc)
}

// encodeJSON returns the JSON of v, indented, with <, > and & as they are.
func encodeJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(v)
	return b.Bytes(), err
}
