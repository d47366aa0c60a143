package starter

import (
	"fmt"
	"strings"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/emit/internal/naming"
)

const nodeText = `package main

$generate

$doc
//
$directive
type $Node struct {
	events *$Companion
$fields}

// New$Node returns $aNode whose events name it id.
func New$Node(pub *onex.Publisher, id string) *$Node {
	return &$Node{events: $Constructor(pub, id)$initial}
}
`

const operationText = `
// $Method runs the operation $op, and publishes its events.
func (n *$Node) $Method($parameters) $results {
	return n.events.$Run($arguments)
}

// $does
func (n *$Node) do$Method($parameters) $results {
	$body
}
`

// does says what belongs into an operation of a node of each type.
var does = map[string]string{
	"effect":       "what it does to the world outside belongs here.",
	"compute":      "what it computes, of its input alone, belongs here.",
	"reducer":      "how the node's state takes in what comes belongs here.",
	"orchestrator": "the runs of other nodes, with this ctx, belong here.",
}

// node returns the file with the node and its operations.
func (s Starter) node() string {
	n := s.Node
	names := naming.Of(n)
	values := map[string]string{
		"generate": "//go:generate " + s.Generate, "doc": commented(docOf(n)), "directive": directive(n),
		"Node": n.Name, "aNode": article(n), "Companion": names.Companion, "Constructor": names.Constructor,
	}
	if !n.NoState {
		values["fields"] = "\n\tmu    sync.Mutex // guards state\n\tstate " + StateType(n) + "\n"
		values["initial"] = ", state: " + stateName(n, s.States[0].Name)
	}
	text := fill(nodeText, values)
	for _, op := range n.Operations {
		text += operation(n, op)
	}
	return text
}

func operation(n *annotate.Node, op annotate.Operation) string {
	values := map[string]string{
		"Node": n.Name, "Method": naming.GoNameOf(op), "Run": naming.RunName(op), "op": op.Head(),
		"parameters": "ctx context.Context", "arguments": "ctx, n.do" + naming.GoNameOf(op),
		"results": "error", "body": "return nil",
		"does": "do" + naming.GoNameOf(op) + " is the operation itself: " + does[n.Type],
	}
	if !n.NoState {
		values["does"] += "\n// It calls change where that is a step to another state."
	}
	if op.Input != nil {
		values["parameters"] = "ctx context.Context, input " + op.Input.Source
		values["arguments"] = "ctx, input, n.do" + naming.GoNameOf(op)
	}
	if op.Result != nil {
		values["results"] = "(" + op.Result.Source + ", error)"
		values["body"] = "var result " + op.Result.Source + "\n\treturn result, nil"
		if elem, isPointer := strings.CutPrefix(op.Result.Source, "*"); isPointer {
			values["body"] = "return new(" + elem + "), nil"
		}
	}
	return fill(operationText, values)
}

// docOf returns the comment of the node's struct.
func docOf(n *annotate.Node) string {
	if n.Doc != "" {
		return n.Name + ": " + n.Doc
	}
	return fmt.Sprintf("%s is %s node of service %s.", n.Name, naming.Article(n.Type), n.Service)
}

// commented makes a comment of text: lines of which none is a directive, and
// without what no Go source may have in it.
func commented(text string) string {
	var lines []string
	for line := range strings.Lines(notInSource.Replace(strings.ToValidUTF8(text, "\uFFFD"))) {
		lines = append(lines, strings.TrimRight("// "+strings.TrimSpace(line), " "))
	}
	return strings.Join(lines, "\n")
}

var notInSource = strings.NewReplacer("\x00", "\uFFFD", "\uFEFF", "")

// directive returns the directive of a node: in one line, or if that is long,
// in one for each operation.
func directive(n *annotate.Node) string {
	const start = "//onex:operations"
	options := " type=" + n.Type + " service=" + n.Service
	if n.NoState {
		options += " state=false"
	} else {
		options += " state=" + StateType(n)
	}
	if n.NoMetric {
		options += " metric=false"
	}
	lines := []string{start + options}
	for _, op := range n.Operations {
		lines = append(lines, start+" "+written(op))
	}
	if one := strings.Join(lines, "\n"); len(one)-len(n.Operations)*len(start) > 120 {
		return one
	}
	return lines[0] + strings.ReplaceAll(strings.Join(append([]string{""}, lines[1:]...), " "), start+" ", "")
}

// written returns an operation as a directive lists it.
func written(op annotate.Operation) string {
	source := func(t *annotate.Type) string {
		if t == nil {
			return ""
		}
		return t.Source
	}
	in, out := source(op.Input), source(op.Result)
	switch untyped := annotate.Untyped.Source; {
	case in == untyped && out == untyped:
		return op.Head()
	case out == "":
		return op.Head() + "(" + in + ")"
	default:
		return op.Head() + "(" + in + "," + out + ")"
	}
}
