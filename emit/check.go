package emit

import (
	"cmp"
	"errors"
	"fmt"
	"go/token"
	"path/filepath"
	"slices"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/emit/internal/breaking"
	"github.com/omninode-ai/onexevents/emit/internal/naming"
)

// The length that Kafka allows for a topic, and what a dead-letter topic adds
// to the name of its own (envelope/contract.md, section 2).
const (
	kafkaTopic  = 249
	deadLetters = ".dlq"
)

// check returns what keeps a node from being generated, in a package that
// declares what declared lists.
func check(n *annotate.Node, known *naming.Declared) annotate.Diagnostics {
	var diags annotate.Diagnostics
	if err := n.Validate(); errors.As(err, &diags) {
		return diags
	}
	c := checker{node: n, events: naming.Events(n)}
	c.operations()
	c.topics()
	c.exceptions()
	c.typeParams()
	c.declarations(known)
	return c.diags
}

// checker collects what is wrong with a valid node.
type checker struct {
	node   *annotate.Node
	events []naming.Event
	diags  annotate.Diagnostics
}

func (c *checker) report(pos token.Position, format string, args ...any) {
	c.diags = append(c.diags, annotate.Diagnostic{Pos: pos, Message: fmt.Sprintf(format, args...)})
}

// operations reports those that become one name in Go.
func (c *checker) operations() {
	first := map[string]annotate.Operation{}
	for _, op := range c.node.Operations {
		name := naming.GoNameOf(op)
		if other, ok := first[name]; ok {
			c.report(op.Pos, "operations %q%s and %q both become %s in Go; rename one", other.Head(), at(other.Pos), op.Head(), name)
			continue
		}
		first[name] = op
	}
}

func (c *checker) topics() {
	short := func(pos token.Position, events []naming.Event) {
		for _, e := range events {
			if topic := naming.Topic(naming.DefaultNamespace, c.node, e); len(topic) > kafkaTopic-len(deadLetters) {
				c.report(pos, "the topic %s has %d characters, and Kafka takes %d, %d of them for the %s of its dead letters; shorten the name of the operation or the service", topic, len(topic), kafkaTopic, len(deadLetters), deadLetters)
				return
			}
		}
	}
	rest := c.events
	for _, op := range c.node.Operations {
		short(op.Pos, rest[:len(naming.Stages)])
		rest = rest[len(naming.Stages):]
	}
	short(c.node.Pos, rest)
}

// exceptions reports those from rules that there are not.
func (c *checker) exceptions() {
	for _, e := range c.node.Exceptions {
		if !slices.Contains(breaking.Rules, e.Rule) {
			c.report(e.Pos, "there is no rule %q; %s", e.Rule, annotate.DidYouMean(e.Rule, Rules()))
		}
	}
}

func (c *checker) typeParams() {
	if len(c.node.TypeParams) == 0 {
		return
	}
	taken := slices.Concat(naming.Reserved, naming.Declarations(c.node, c.events), []string{c.node.Name})
	for _, p := range c.node.TypeParams {
		if slices.Contains(taken, p.Name) {
			c.report(c.node.Pos, "type parameter %s of %s has a name that its generated code uses; rename it", p.Name, c.node.Name)
		}
	}
}

// declarations reports what the package declares under a name that the
// generated file declares or cannot do without.
func (c *checker) declarations(known *naming.Declared) {
	companion := naming.Of(c.node).Companion
	for _, name := range naming.Declarations(c.node, c.events) {
		for _, d := range known.ByName[name] {
			switch {
			case d.Kind == "method", !d.MeetsNode(c.node):
			case name == companion && d.Kind != "import":
				c.report(d.Pos, "%s %s is what is generated for struct %s%s; remove it, or rename it", d.Kind, d.Name, c.node.Name, at(c.node.Pos))
			default:
				c.report(d.Pos, "%s %s has a name that is generated for struct %s%s; rename one", d.Kind, d.Name, c.node.Name, at(c.node.Pos))
			}
		}
	}
	for _, name := range naming.Members(c.node, c.events) {
		for _, d := range known.ByName[name] {
			if d.Kind == "method" && d.Recv == companion && d.MeetsNode(c.node) {
				c.report(d.Pos, "method %s of %s has a name that is generated for struct %s%s; rename it", d.Name, d.Recv, c.node.Name, at(c.node.Pos))
			}
		}
	}
	for _, name := range naming.Predeclared {
		for _, d := range known.ByName[name] {
			// An import's name is its own file's.
			if d.Kind != "method" && d.Kind != "import" && d.MeetsNode(c.node) {
				c.report(d.Pos, "%s %s hides what Go calls so from the code that is generated for struct %s%s; rename it", d.Kind, d.Name, c.node.Name, at(c.node.Pos))
			}
		}
	}
}

// at points at the other of two places.
func at(pos token.Position) string {
	if pos.Filename == "" {
		return ""
	}
	return fmt.Sprintf(" (at %s:%d:%d)", filepath.Base(pos.Filename), pos.Line, pos.Column)
}

// clashes reports the nodes of a package that would declare one name twice, or
// write one file, and returns all of those.
func clashes(nodes []*annotate.Node) (map[*annotate.Node]bool, annotate.Diagnostics) {
	clashing := map[*annotate.Node]bool{}
	var diags annotate.Diagnostics
	owners := map[string]*annotate.Node{}
	said := map[[2]*annotate.Node]bool{} // one reason for two structs is enough
	claim := func(n *annotate.Node, key, what string) {
		other := cmp.Or(owners[key], n)
		owners[key] = other
		if other == n || naming.Variants(other, n) && key != FileName(n) {
			return
		}
		clashing[other], clashing[n] = true, true
		if said[[2]*annotate.Node{other, n}] {
			return
		}
		said[[2]*annotate.Node{other, n}] = true
		diags = append(diags, annotate.Diagnostic{
			Pos:     n.Pos,
			Message: fmt.Sprintf("structs %s%s and %s both need %s; rename one", other.Name, at(other.Pos), n.Name, what),
		})
	}
	for _, n := range nodes {
		claim(n, "struct "+n.Package+"."+n.Name, "the name "+n.Name)
		for _, name := range naming.Declarations(n, naming.Events(n)) {
			claim(n, n.Package+"."+name, "the name "+name)
		}
		claim(n, FileName(n), "the file "+FileName(n))
	}
	return clashing, diags
}
