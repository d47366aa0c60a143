package emit

import (
	"go/token"
	"slices"

	"github.com/omninode-ai/onexevents/emit/internal/breaking"
	"github.com/omninode-ai/onexevents/emit/internal/catalog"
)

// Record is a catalog as it was at another time, to compare one with.
type Record struct {
	document catalog.Document
}

// ReadRecord reads what [Catalog.JSON] has written. The places of what is in it
// are said to be in the file of that name.
func ReadRecord(name string, src []byte) (*Record, error) {
	doc, err := breaking.Read(name, src)
	if err != nil {
		return nil, err
	}
	return &Record{doc}, nil
}

// Record returns the catalog as a record, with places in the source.
func (c *Catalog) Record() *Record { return &Record{c.nodes.Document()} }

// Change is what is otherwise in one catalog than in an earlier one.
type Change struct {
	Rule   string         // what consumers lose, one of [Rules]; "" if something is only added
	Pos    token.Position // in the node's directive, or in the record if that has nothing left of it
	What   string
	Remedy string   // "" for an addition
	Topics []string // of the events that are concerned, with {namespace} in them

	// Excepted is why the comment of the node's struct allows the change, with
	// a line //onex:except; "" if it does not.
	Excepted string
}

// Changes returns what consumers of the events lose from old to c, by place, and
// then what is only added.
func (c *Catalog) Changes(old *Record) []Change {
	var list []Change
	for _, change := range breaking.Compare(old.document, c.nodes.Document()) {
		list = append(list, Change(change))
	}
	return list
}

// Rules returns the names of the rules that a [Change] can break.
func Rules() []string { return slices.Sorted(slices.Values(breaking.Rules)) }
