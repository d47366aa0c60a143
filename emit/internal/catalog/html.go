package catalog

import (
	"fmt"
	"strings"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/emit/internal/naming"
	"github.com/omninode-ai/onexevents/emit/internal/page"
)

// HTMLHeader is the first line of a page.
const HTMLHeader = page.Header

// HTML writes the catalog as a page for people. With the events of a run, which
// may be nil, it shows what has caused what.
func (c Catalog) HTML(run *Run) ([]byte, error) {
	p := page.Page{Title: c.title(), About: c.introduction()}
	for _, service := range c.services() {
		p.Services = append(p.Services, page.Service{Name: service})
	}
	fields := map[string][]field{}
	for _, t := range c.topics() {
		fields[t.event.topic] = t.fields()
	}
	shown := map[string]*page.Event{} // by their topics
	ids := map[string]int{}
	for _, n := range c {
		id := n.Name
		if ids[n.Name]++; ids[n.Name] > 1 {
			id += fmt.Sprintf("-%d", ids[n.Name])
		}
		entry, err := c.pageNode(n, id, fields)
		if err != nil {
			return nil, err
		}
		for i := range p.Services {
			if p.Services[i].Name == n.Service {
				p.Services[i].Nodes = append(p.Services[i].Nodes, entry)
			}
		}
		for _, e := range entry.Events {
			for _, t := range e.Topics {
				if shown[t.Text] == nil { // an event does not say which of the nodes that share a topic it is of
					shown[t.Text] = e
				}
			}
		}
	}
	p.Envelope = c.envelopes()
	if run != nil {
		p.Run = run.on(shown)
	}
	return p.Render(), nil
}

func (c Catalog) pageNode(n node, id string, fields map[string][]field) (*page.Node, error) {
	entry := &page.Node{
		ID: "node-" + id, Name: n.Name, Type: n.Type, An: naming.Capitalized(naming.Article(n.Type)),
		Service: n.Service, Package: n.path, Doc: n.Doc, Refused: c.fault2(n),
	}
	for _, op := range n.Operations {
		entry.Operations = append(entry.Operations, page.Operation{Name: op.Head(), Input: sourceOf(op.Input), Result: sourceOf(op.Result)})
	}
	all := c.everywhere(n)
	for i, e := range n.events() {
		label := e.Label()
		_, version, later := strings.Cut(label, "@")
		of := strings.TrimSuffix(strings.TrimPrefix(e.Literal, n.Type+"."), "."+e.Stage)
		if later {
			of += "@" + version
		}
		event := &page.Event{
			ID: "event-" + id + "." + label, Node: entry, Type: label, Stage: e.Stage, Of: of,
			Says: naming.Capitalized(e.Says) + ".", Method: e.Method, Types: n.typesOf(i),
			Payload: tableOf("Payload", fieldOf(fields[e.topic], "payload")),
		}
		for at := i; at < len(all); at += len(n.events()) { // the same event in each profile
			example, err := encodeJSON(exampleOf(fields[all[at].topic]))
			if err != nil {
				return nil, err
			}
			key, suffix := recordKey, ""
			if all[at].bus {
				key, suffix = recordKey2, " of Profile2"
			}
			event.Topics = append(event.Topics, page.Named{Name: "topic" + suffix, Text: all[at].topic})
			event.Keys = append(event.Keys, page.Named{Name: "record key" + suffix, Text: naming.Capitalized(key)})
			event.Examples = append(event.Examples, page.Named{Name: "Example: " + envelopeOf(all[at]), Text: string(example)})
		}
		entry.Events = append(entry.Events, event)
	}
	return entry, nil
}

func envelopeOf(e event) string {
	if e.bus {
		return envelope2Name
	}
	return envelopeName
}

// typesOf returns the Go types whose values an event of the node summarises.
func (n node) typesOf(i int) []page.Named {
	if i >= len(n.lifecycle) {
		return nil
	}
	op := n.Operations[i/len(naming.Stages)]
	switch stage := n.lifecycle[i].Stage; {
	case stage == "started" && op.Input != nil:
		return []page.Named{{Name: "input", Text: op.Input.Source}}
	case stage == "completed" && op.Result != nil:
		return []page.Named{{Name: "result", Text: op.Result.Source}}
	default:
		return nil
	}
}

// envelopes returns what the events of all nodes have in common, for each profile.
func (c Catalog) envelopes() (tables []page.Table) {
	known := map[string]bool{}
	for _, t := range c.topics() {
		if name := envelopeOf(t.event); !known[name] {
			known[name] = true
			tables = append(tables, tableOf(name, t.event.fields))
		}
	}
	return tables
}

func sourceOf(t *annotate.Type) string {
	if t == nil {
		return ""
	}
	return t.Source
}

// tableOf has the keys of a summary below it, as far as they are known.
func tableOf(of string, fields []field) page.Table {
	table := page.Table{Of: of}
	for _, f := range fields {
		table.Fields = append(table.Fields, page.Field{Key: f.key, Type: f.typeName(), Says: f.says})
		if f.typ != summaryType {
			continue
		}
		for _, key := range f.fields {
			table.Fields = append(table.Fields, page.Field{Key: f.key + "." + key.key, Type: key.typeName(), Says: key.allowed()})
		}
	}
	return table
}

// allowed says which values a key of a summary may have.
func (f field) allowed() string {
	switch {
	case f.fixed:
		return fmt.Sprintf("%q.", f.value)
	case f.pattern != "":
		names := strings.Trim(f.pattern, "^()$")
		return "One of " + strings.ReplaceAll(names, "|", ", ") + "."
	default:
		return "Name of a type."
	}
}
