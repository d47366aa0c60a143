package emit

import "github.com/omninode-ai/onexevents/emit/internal/catalog"

// Form is one form that a catalog can be written down in.
type Form struct {
	Render func(*Catalog) ([]byte, error)

	// Recognises tells whether src is a catalog in this form, and so may be
	// replaced by another one.
	Recognises func(src []byte) bool
}

// Forms has every form by its name.
var Forms = map[string]Form{
	"json":     {(*Catalog).JSON, catalog.IsJSON},
	"markdown": {(*Catalog).Markdown, beginsWith(catalog.MarkdownHeader)},
	"asyncapi": {(*Catalog).AsyncAPI, catalog.IsAsyncAPI},
	"html":     {(*Catalog).HTML, beginsWith(catalog.HTMLHeader)},
	"contract": {(*Catalog).Contract, beginsWith(catalog.ContractHeader)},
}

// beginsWith recognises a text by its first line, apart from what a merge puts
// in front of it.
func beginsWith(header string) func([]byte) bool {
	return func(src []byte) bool {
		lines := proper(src)
		return len(lines) > 0 && lines[0] == header
	}
}
