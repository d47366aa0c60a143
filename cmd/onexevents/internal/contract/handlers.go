package contract

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/omninode-ai/onexevents/annotate"
)

// handler is one of the handlers that the contract routes to.
type handler struct {
	operation     value
	name          value
	input, result string // the names of their types
}

var strategies = []string{"payload_type_match", "topic_match", "operation_match"}

// handlersOf returns the handlers of the contract.
func handlersOf(root value) []handler {
	routing := root.key("handler_routing")
	if !routing.isMapping() {
		return nil
	}
	if strategy := routing.key("routing_strategy"); strategy.text() != "" && !slices.Contains(strategies, strategy.text()) {
		strategy.report(strategy.pos(), "unknown routing_strategy %q; %s", strategy.text(), annotate.DidYouMean(strategy.text(), strategies))
	}
	var list []handler
	for _, v := range routing.key("handlers").items() {
		if !v.isMapping() {
			continue
		}
		v.key("event_type").text()
		h := handler{operation: v.key("operation"), name: v.key("handler").key("name"), input: modelOf(v, "event_model", "input_model"), result: modelOf(v, "output_model")}
		h.operation.text()
		h.name.text()
		list = append(list, h)
	}
	return list
}

// modelOf returns the name of the first of the models that is there, if it can be
// the name of a type.
func modelOf(v value, keys ...string) string {
	for _, key := range keys {
		model := v.key(key)
		if !model.isThere() {
			continue
		}
		name := model // module.Name, or keys for both
		if model.node.Kind != yaml.ScalarNode {
			name = model.key("name")
		}
		text := name.text()
		if text = text[strings.LastIndexAny(text, ".:")+1:]; typeName.MatchString(text) {
			return text
		}
	}
	return ""
}

var typeName = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)

// handled adds the operations of handlers where no event shows any, and the types
// of those that there are.
func (c *Contract) handled(root value, handlers []handler) {
	var routed, done, called []value
	for _, h := range handlers {
		routed, called = append(routed, h.operation), append(called, h.name)
	}
	for _, v := range root.key("io_operations").items() {
		done = append(done, v.key("operation"))
	}
	for _, list := range [][]value{slices.Concat(routed, done), called, {c.name}} {
		if len(c.Operations) > 0 {
			break
		}
		for _, v := range list {
			c.add(Operation{Name: strings.TrimSuffix(tidied(v), "_"+c.Type.Text), Pos: v.pos()})
		}
	}
	input, result := modelOf(root, "input_model"), modelOf(root, "output_model")
	for i := range c.Operations {
		op := &c.Operations[i]
		for _, h := range handlers {
			if op.Version == 0 && tidied(h.operation) == op.Name {
				op.Input, op.Result = h.input, h.result
			}
		}
		if len(c.Operations) == 1 {
			op.Input, op.Result = cmp.Or(op.Input, input), cmp.Or(op.Result, result)
		}
	}
}

// tidied returns the name of an operation in words joined by _, without what it
// is a name of.
func tidied(v value) string {
	name := strings.Trim(notInName.ReplaceAllString(annotate.SnakeCase(v.text()), "_"), "_")
	return strings.TrimPrefix(strings.TrimPrefix(name, "node_"), "handler_")
}

var notInName = regexp.MustCompile(`[^a-z0-9]+`)
