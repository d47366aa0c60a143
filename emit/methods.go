package emit

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/omninode-ai/onexevents/annotate"
)

// method adds a method of the companion whose body is one call.
func (f *file) method(doc []string, name string, params []jen.Code, result, call jen.Code) {
	f.declare(doc, jen.Func().Params(jen.Id("e").Op("*").Add(f.companionType())).Id(name).
		Params(params...).Add(result).Block(jen.Return(call)))
}

// publish adds the publish method of an event: ctx, what the event says, and
// the options. about continues "PublishX publishes "x.y": ".
func (f *file) publish(e event, about string, params []jen.Code, call *jen.Statement, args ...jen.Code) {
	params = append([]jen.Code{f.ctx()}, params...)
	params = append(params, jen.Id("opts").Op("...").Add(f.onex("EventOption")))
	args = append(args, jen.Id("opts").Op("..."))
	f.method(doc("%s publishes %q: %s", e.method, e.literal, about), e.method, params, jen.Error(), call.Call(args...))
}

func (f *file) publishStarted(op annotate.Operation) {
	params := []jen.Code{f.correlationID()}
	input := f.onex("None").Values()
	about := "The operation takes no input."
	if op.Input != nil {
		params = append(params, jen.Id("input").Add(f.imports.typ(*op.Input)))
		input = jen.Id("input")
		about = "Of input it tells the keys and the names of their types, never a value."
	}
	f.publish(lifecycle(f.node, op)[0], "the operation "+op.Name+" has started. "+about,
		params, f.op(op).Dot("Started"), jen.Id("ctx"), jen.Id("correlationID"), input)
}

func (f *file) publishCompleted(op annotate.Operation) {
	params := []jen.Code{f.correlationID()}
	result := f.onex("None").Values()
	about := ""
	if op.Result != nil {
		params = append(params, jen.Id("result").Add(f.imports.typ(*op.Result)))
		result = jen.Id("result")
		about = " Of result it tells the keys and the names of their types, never a value."
	}
	params = append(params, f.elapsed())
	f.publish(lifecycle(f.node, op)[1], "the operation "+op.Name+" has completed and took elapsed."+about,
		params, f.op(op).Dot("Completed"), jen.Id("ctx"), jen.Id("correlationID"), result, jen.Id("elapsed"))
}

func (f *file) publishFailed(op annotate.Operation) {
	f.publish(lifecycle(f.node, op)[2], "the operation "+op.Name+" has failed with err and took elapsed.",
		[]jen.Code{f.correlationID(), jen.Err().Error(), f.elapsed()},
		f.op(op).Dot("Failed"), jen.Id("ctx"), jen.Id("correlationID"), jen.Err(), jen.Id("elapsed"))
}

// run adds the method that runs an operation between its events.
func (f *file) run(op annotate.Operation) {
	name := runName(op.Name)
	params := []jen.Code{f.ctx()}
	args := []jen.Code{jen.Id("ctx"), f.op(op)}
	fnParams := []jen.Code{f.imports.qualified(contextPath, "Context")}
	what := "fn(ctx)"
	if op.Input != nil {
		params = append(params, jen.Id("input").Add(f.imports.typ(*op.Input)))
		args = append(args, jen.Id("input"))
		fnParams = append(fnParams, f.imports.typ(*op.Input))
		what = "fn(ctx, input)"
	}
	result := func() jen.Code { return jen.Error() }
	if op.Result != nil {
		result = func() jen.Code { return jen.Params(f.imports.typ(*op.Result), jen.Error()) }
	}
	params = append(params, jen.Id("fn").Func().Params(fnParams...).Add(result()))
	args = append(args, jen.Id("fn"))
	events := lifecycle(f.node, op)
	f.method(doc("%s runs %s as the operation %s and returns what it returns. It publishes %q, and then %q or %q.",
		name, what, op.Name, events[0].literal, events[1].literal, events[2].literal),
		name, params, result(), f.onex(runner(op)).Call(args...))
}

// runner names the runtime's function for an operation of this shape.
func runner(op annotate.Operation) string {
	switch {
	case op.Input != nil && op.Result != nil:
		return "Run"
	case op.Input != nil:
		return "RunNoResult"
	case op.Result != nil:
		return "RunNoInput"
	default:
		return "RunBare"
	}
}

func (f *file) publishStateChanged() {
	for _, e := range stateEvents(f.node) {
		params := []jen.Code{f.correlationID()}
		if f.node.State.Source == "" {
			params = append(params, jen.List(jen.Id("oldState"), jen.Id("newState"), jen.Id("reason")).String())
		} else {
			params = append(params, jen.List(jen.Id("oldState"), jen.Id("newState")).Add(f.imports.typ(f.node.State)), jen.Id("reason").String())
		}
		f.publish(e, "the node has gone from oldState to newState for the given reason.",
			params, f.onex("StateChanged"),
			jen.Id("ctx"), jen.Id("e").Dot("node"), jen.Id("correlationID"), jen.Id("oldState"), jen.Id("newState"), jen.Id("reason"))
	}
}

func (f *file) publishMetricRecorded() {
	for _, e := range metricEvents(f.node) {
		f.publish(e, fmt.Sprintf("the metric called name has the given value in the given unit. It carries ctx's correlation id, unless [%s.WithCorrelationID] gives another.", f.imports.names[runtimePath]),
			[]jen.Code{jen.Id("name").String(), jen.Id("value").Float64(), jen.Id("unit").String()},
			f.onex("MetricRecorded"), jen.Id("ctx"), jen.Id("e").Dot("node"), jen.Id("name"), jen.Id("value"), jen.Id("unit"))
	}
}

func (f *file) ctx() jen.Code {
	return jen.Id("ctx").Add(f.imports.qualified(contextPath, "Context"))
}

func (f *file) correlationID() jen.Code {
	return jen.Id("correlationID").Add(f.imports.qualified(uuidPath, "UUID"))
}

func (f *file) elapsed() jen.Code {
	return jen.Id("elapsed").Add(f.imports.qualified(timePath, "Duration"))
}

// op is the companion's field for an operation.
func (f *file) op(op annotate.Operation) *jen.Statement {
	return jen.Id("e").Dot(opField(op.Name))
}

// operationType is the runtime's type of an operation.
func (f *file) operationType(op annotate.Operation) jen.Code {
	return f.onex("Operation", f.orNone(op.Input), f.orNone(op.Result))
}

func (f *file) newOperation(op annotate.Operation, node string) jen.Code {
	return f.onex("NewOperation", f.orNone(op.Input), f.orNone(op.Result)).Call(jen.Id(node), jen.Lit(op.Name))
}

func (f *file) orNone(t *annotate.Type) jen.Code {
	if t == nil {
		return f.onex("None")
	}
	return f.imports.typ(*t)
}
