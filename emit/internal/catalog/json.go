package catalog

import (
	"bytes"
	"encoding/json"
)

// document is the catalog's JSON. No list in it is null.
type document struct {
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

	// What Profile2 makes of the same events, and why it refuses them if it does.
	EventTypes2 []string `json:"event_types_2"`
	Topics2     []string `json:"topics_2"`
	Refused2    string   `json:"refused_2,omitempty"`
}

// JSON writes the catalog as {"nodes": […]}.
func (c Catalog) JSON() ([]byte, error) {
	doc := document{Nodes: []nodeJSON{}}
	for _, n := range c {
		doc.Nodes = append(doc.Nodes, nodeJSON{
			Package:            n.path,
			Node:               n.Name,
			Type:               n.Type,
			Service:            n.Service,
			OperationLifecycle: eventTypes(n.lifecycle),
			StateEvents:        eventTypes(n.state),
			MetricEvents:       eventTypes(n.metric),
			Topics:             topics(n.events()),
			EventTypes2:        n.eventTypes2(),
			Topics2:            n.topics2(),
			Refused2:           c.fault2(n),
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
