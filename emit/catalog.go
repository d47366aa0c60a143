package emit

import (
	"cmp"
	"errors"
	"slices"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/emit/internal/catalog"
)

// Catalog lists nodes and the events that they publish. Its methods write it
// down in one form each: the same bytes for the same nodes, ending in a line
// end. The zero value lists nothing.
type Catalog struct {
	nodes catalog.Catalog
	run   *catalog.Run
}

// NewCatalog returns the catalog of the packages: the nodes in order of the
// paths of their packages, and in a package in its order. Nodes of test files
// are left out, as no service runs them. The variants of a struct, for different
// build constraints, are one node with the events of all of them. If anything is
// wrong with any node, there is no catalog, and the error is what [Package] says
// of those packages.
func NewCatalog(pkgs ...*annotate.Package) (*Catalog, error) {
	byPath := func(a, b *annotate.Package) int { return cmp.Compare(a.Path, b.Path) }
	var c Catalog
	var all annotate.Diagnostics
	for _, p := range slices.SortedStableFunc(slices.Values(pkgs), byPath) {
		var diags annotate.Diagnostics
		if _, err := Package(p); err != nil && !errors.As(err, &diags) {
			return nil, err
		}
		all = append(all, diags...)
		c.nodes = append(c.nodes, catalog.Of(p)...)
	}
	if err := all.Err(); err != nil {
		return nil, err
	}
	return &c, nil
}

// JSON returns the catalog as {"nodes": […]}. The topics of a node are in the
// order of its events: of its operations, of its state, of its metrics.
func (c *Catalog) JSON() ([]byte, error) { return c.nodes.JSON() }

// Markdown returns the catalog as a page: the nodes, then the operations, events
// and topics of each, then the keys of the payloads and of the envelope.
func (c *Catalog) Markdown() ([]byte, error) { return c.nodes.Markdown() }

// AsyncAPI returns the catalog as an AsyncAPI 3.0 document. It is JSON, which
// every reader of AsyncAPI takes, so that no YAML has to be written or escaped.
//
// There is one channel for each topic, also if several nodes publish to it, and
// one operation for each event of each node.
func (c *Catalog) AsyncAPI() ([]byte, error) { return c.nodes.AsyncAPI() }

// Contract returns what an ONEX contract.yaml says of published events, as one
// YAML document for each node: node_type, event_bus and published_events, with the
// topics of Profile2. If Profile2 refuses a node, the error is [annotate.Diagnostics]
// that say so.
func (c *Catalog) Contract() ([]byte, error) { return c.nodes.Contract() }

// HTML returns the catalog as a page for people, in one file that needs no other:
// the nodes with their comments, a picture of them, and of each event its topics,
// its payload and examples. With a run, it shows what has caused what.
func (c *Catalog) HTML() ([]byte, error) { return c.nodes.HTML(c.run) }

// WithRun returns the catalog with a run: events that nodes have published, one a
// line as onexctl tail -json prints them, of either profile. A line may also be a
// record with its topic, with the event as its value. If a line is none of these,
// the error is [annotate.Diagnostics] that have its number, and no file name.
func (c *Catalog) WithRun(events []byte) (*Catalog, error) {
	run, err := catalog.ReadRun(events)
	if err != nil {
		return nil, err
	}
	return &Catalog{c.nodes, run}, nil
}
