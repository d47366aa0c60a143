package page

import (
	"fmt"
	"slices"
)

func (p Page) service(s Service) markup {
	return line("section", class("service"), "\n",
		line("h2", "", "Service ", text(s.Name)),
		each(s.Nodes, p.node))
}

func (p Page) node(n *Node) markup {
	about := join(
		line("h3", class("find"), text(n.Name)),
		line("p", class("quiet find"), text(n.An+" node of service "+n.Service+", in package "), code(n.Package)),
		line("div", class("doc find"), documentation(n.Doc)),
	)
	if n.Refused != "" {
		about += line("p", class("refused"), text("Profile2 refuses the node: "+n.Refused+"."))
	}
	if len(n.Operations) > 0 {
		about += columns("operations", "Operations", []markup{"operation", "input", "result"}, each(n.Operations, func(o Operation) markup {
			return row(code(o.Name), orNone(o.Input), orNone(o.Result))
		}))
	}
	return line("section", class("node")+attr("id", n.ID)+attr("tabindex", "-1"), "\n",
		line("div", class("about"), "\n", about),
		each(n.Events, p.event))
}

func orNone(typ string) markup {
	if typ == "" {
		return "none"
	}
	return code(typ)
}

func (p Page) event(e *Event) markup {
	about := func(n Named) markup { return tag("dt", "", text(n.Name)) + line("dd", "", prose(n.Text)) }
	return line("details", class("event")+attr("id", e.ID), "\n",
		line("summary", "", glyph(e.Stage), tag("span", class("find"), dotted(e.Type)), tag("span", class("quiet"), text(e.Says))),
		line("dl", "", "\n",
			each(slices.Concat(e.Topics, e.Types), func(t Named) markup { return tag("dt", "", text(t.Name)) + line("dd", "", found(t.Text)) }),
			each(e.Keys, about),
			about(Named{"reading it", again + reading[e.Stage]}),
			"<dt>published by</dt>", line("dd", "", found(e.Method)),
			p.seen(e)),
		table(e.Payload),
		each(e.Examples, func(x Named) markup {
			return line("figure", "", tag("figcaption", "", text(x.Name)), line("pre", "", tag("code", "", text(x.Text))))
		}))
}

// What whoever reads an event has to know of it.
const again = "It may come again, also late: drop it if you have seen its `event_id` before, or with Profile2 its `envelope_id`."

var reading = map[string]string{
	"started":   " Its completed or failed event, and whatever else the operation publishes, have its id as their `causation_id`.",
	"completed": " Its `causation_id` is the id of the started event.",
	"failed":    " Its `causation_id` is the id of the started event.",
}

// full is a link to an event that says of which node it is.
func full(e *Event) markup { return link(e.ID, e.Type) + text(" of "+e.Node.Name) }

// seen is what the run says of an event.
func (p Page) seen(e *Event) markup {
	if p.Run == nil {
		return ""
	}
	list := tag("dt", "", "in the run") + line("dd", "", text(times(p.Run.Seen[e])))
	for _, side := range []struct {
		says      markup
		mine, its func(Cause) *Event
	}{
		{"caused by", Cause.to, Cause.from},
		{"has caused", Cause.from, Cause.to},
	} {
		others := slices.DeleteFunc(slices.Clone(p.Run.Causes), func(c Cause) bool { return side.mine(c) != e })
		if len(others) > 0 {
			list += tag("dt", "", side.says) + line("dd", "", tag("ul", "", each(others, func(c Cause) markup {
				return tag("li", "", full(side.its(c)), text(", "+times(c.Times)))
			})))
		}
	}
	return list
}

func (c Cause) from() *Event { return c.From }
func (c Cause) to() *Event   { return c.To }

func times(n int) string {
	switch n {
	case 0:
		return "never"
	case 1:
		return "once"
	case 2:
		return "twice"
	default:
		return fmt.Sprintf("%d times", n)
	}
}
