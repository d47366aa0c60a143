package catalog

import (
	"go/token"

	"github.com/omninode-ai/onexevents/annotate"
)

// Document is the catalog's JSON. No list in it is null.
type Document struct {
	Nodes []Node `json:"nodes"`
}

// Node is a node in the catalog's JSON.
type Node struct {
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

	Operations []Operation `json:"operations"`
	RecordKey  []string    `json:"record_key"`

	// Pos is where the node's directive is, if its source is known.
	Pos        token.Position       `json:"-"`
	Exceptions []annotate.Exception `json:"-"`
}

// Operation is an operation in the catalog's JSON. Input and Result are nil if
// it has none.
type Operation struct {
	Operation string         `json:"operation"`
	Version   int            `json:"version"`
	Input     *Value         `json:"input,omitempty"`
	Result    *Value         `json:"result,omitempty"`
	Pos       token.Position `json:"-"` // in the directive, if its source is known
}

// Value is what an operation takes or returns: its Go type, and by their keys
// the names of types in its summary. Summary is nil if the source does not show
// them.
type Value struct {
	Type    string            `json:"type"`
	Summary map[string]string `json:"summary,omitzero"`
}

// recordKeys are the keys of the envelope of which the first that is not empty
// is the key of the record (envelope/contract.md, section 1).
var recordKeys = []string{"partition_key", "correlation_id", "source_node_id", "event_id"}

// JSON writes the catalog as {"nodes": […]}.
func (c Catalog) JSON() ([]byte, error) { return encodeJSON(c.Document()) }

// Document returns what JSON writes.
func (c Catalog) Document() Document {
	doc := Document{Nodes: []Node{}}
	for _, n := range c {
		d := Node{
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
			Operations:         []Operation{},
			RecordKey:          recordKeys,
			Pos:                n.DirectivePos,
			Exceptions:         n.Exceptions,
		}
		for _, op := range n.Operations {
			d.Operations = append(d.Operations, Operation{
				op.Name, max(1, op.Version), valueOf(n.Node, op.Input), valueOf(n.Node, op.Result), op.Pos,
			})
		}
		doc.Nodes = append(doc.Nodes, d)
	}
	return doc
}

func valueOf(n *annotate.Node, t *annotate.Type) *Value {
	if t == nil {
		return nil
	}
	v := &Value{Type: t.Source}
	if keys, known := summaryKeys(n, t); known {
		v.Summary = map[string]string{}
		for _, k := range keys {
			v.Summary[k.key] = k.namesOf()
		}
	}
	return v
}
