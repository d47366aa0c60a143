package contract

import (
	"bytes"
	"errors"
	"fmt"
	"go/token"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/omninode-ai/onexevents/annotate"
)

// document is a YAML file on the way to what it says.
type document struct {
	file  string
	diags annotate.Diagnostics
}

// value is one value in the document. The zero value is one that is not there.
type value struct {
	*document
	node *yaml.Node
	at   *yaml.Node // node, or the alias that stands for it
	path string     // how a message names it
}

// parse returns the value of a file that has one.
func parse(file string, src []byte) (value, *document) {
	d := &document{file: file}
	dec := yaml.NewDecoder(bytes.NewReader(src))
	var docs []*yaml.Node
	for {
		var n yaml.Node
		err := dec.Decode(&n)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			d.syntax(err)
			return value{}, d
		}
		docs = append(docs, n.Content[0])
	}
	switch len(docs) {
	case 0:
		d.report(token.Position{}, "this file is empty; write a contract into it")
		return value{}, d
	case 1:
	default:
		d.report(d.position(docs[1]), "a second contract begins here, and a package has one node; give each a file of its own")
		return value{}, d
	}
	root := value{d, docs[0], docs[0], "a contract"}
	if root.node.Kind != yaml.MappingNode {
		root.wrong("has keys such as node_type; write one")
		return value{}, d
	}
	d.twice(root.node)
	return root, d
}

// syntax reports what the YAML library says, at its line if it has one.
func (d *document) syntax(err error) {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	var pos token.Position
	if m := lineIn.FindStringSubmatch(text); m != nil {
		pos.Line, _ = strconv.Atoi(m[1])
		text = m[2]
	}
	d.report(pos, "%s; correct the YAML", text)
}

var lineIn = regexp.MustCompile(`^line (\d+): (.*)$`)

func (d *document) report(pos token.Position, format string, args ...any) {
	pos.Filename = d.file
	if pos.Line > 0 && pos.Column == 0 {
		pos.Column = 1
	}
	d.diags = append(d.diags, annotate.Diagnostic{Pos: pos, Message: fmt.Sprintf(format, args...)})
}

func (d *document) position(n *yaml.Node) token.Position {
	return token.Position{Filename: d.file, Line: n.Line, Column: n.Column}
}

func (v value) pos() token.Position {
	if v.at == nil {
		return token.Position{}
	}
	return v.position(v.at)
}

// wrong reports a value that is not as it should be.
func (v value) wrong(what string) { v.report(v.pos(), "%s %s", v.path, what) }

// isThere tells a value that is there and not null.
func (v value) isThere() bool { return v.node != nil && v.node.Tag != "!!null" }

// behind returns what an alias stands for.
func behind(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// below returns a value in v.
func (v value) below(n *yaml.Node, path string) value { return value{v.document, behind(n), n, path} }

// key returns the value of a key, which reports v if that has no keys.
func (v value) key(name string) value {
	if !v.isMapping() {
		return value{}
	}
	if found := valueOf(v.node, name, map[*yaml.Node]bool{}); found != nil {
		return v.below(found, name)
	}
	return value{}
}

// valueOf returns the value of a key of a mapping, or else of one that is merged
// into it, as <<: *defaults does. It looks at each once: one may be within itself.
func valueOf(n *yaml.Node, name string, seen map[*yaml.Node]bool) *yaml.Node {
	if n.Kind != yaml.MappingNode || seen[n] {
		return nil
	}
	seen[n] = true
	for i := 0; i+1 < len(n.Content); i += 2 {
		if behind(n.Content[i]).Value == name {
			return n.Content[i+1]
		}
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Tag != "!!merge" {
			continue
		}
		from := []*yaml.Node{n.Content[i+1]}
		if list := behind(from[0]); list.Kind == yaml.SequenceNode {
			from = list.Content
		}
		for _, one := range from {
			if found := valueOf(behind(one), name, seen); found != nil {
				return found
			}
		}
	}
	return nil
}

// twice reports keys that a mapping has twice: of the values, readers of YAML take
// one or the other.
func (d *document) twice(n *yaml.Node) {
	known := map[string]bool{}
	for i, inner := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 && inner.Kind == yaml.ScalarNode && inner.Tag != "!!merge" {
			key := inner.Tag + " " + inner.Value
			if known[key] {
				d.report(d.position(inner), "the key %s is there twice; remove one", inner.Value)
			}
			known[key] = true
		}
		d.twice(inner)
	}
}

// isMapping tells whether v is there and has keys, and reports what is else.
func (v value) isMapping() bool {
	if v.isThere() && v.node.Kind != yaml.MappingNode {
		v.wrong("has keys of its own; write them indented below it")
		return false
	}
	return v.isThere()
}

// items returns the items of a list, none if there is no list.
func (v value) items() []value {
	if !v.isThere() {
		return nil
	}
	if v.node.Kind != yaml.SequenceNode {
		v.wrong(`is a list; write each item behind a "- "`)
		return nil
	}
	var list []value
	for _, n := range v.node.Content {
		list = append(list, v.below(n, "an item of "+v.path))
	}
	return list
}

// text returns a string, "" if there is none.
func (v value) text() string {
	if !v.isThere() {
		return ""
	}
	if v.node.Kind != yaml.ScalarNode || v.node.Tag != "!!str" {
		v.wrong("is a string; write one, in quotes if need be")
		return ""
	}
	return v.node.Value
}
