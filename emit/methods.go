package emit

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/omninode-ai/onexevents/annotate"
)

// method adds a method of the companion whose body is one call.
func (f *file) method(doc jen.Code, name string, params []jen.Code, result, call jen.Code) {
	f.declare(doc, jen.Func().Add(f.receiver,
		jen.Custom(tight, jen.Id(name), jen.Custom(inParens, params...)), result,
		jen.Custom(body, jen.Return(call))))
}

// publish adds the publish method of an event: ctx, what the event says, and
// the options. about continues "PublishX publishes "x.y": ".
func (f *file) publish(e event, about string, params []jen.Code, fn jen.Code, args ...jen.Code) {
	params = append([]jen.Code{f.ctx()}, params...)
	params = append(params, jen.Id("opts").Custom(tight, jen.Op("..."), f.onex("EventOption")))
	args = append(args, jen.Custom(tight, jen.Id("opts"), jen.Op("...")))
	f.method(doc("%s publishes %q: %s", e.method, e.literal, about), e.method, params, jen.Error(), call(fn, args...))
}

func (f *file) publishStarted(op annotate.Operation) {
	params := []jen.Code{f.correlationID()}
	input := f.none()
	about := "The operation takes no input."
	if op.Input != nil {
		params = append(params, jen.Id("input").Add(f.typ(op.Input)))
		input = jen.Id("input")
		about = "Of input it tells the keys and the names of their types, never a value."
	}
	f.publish(lifecycle(f.node, op)[0], "the operation "+op.Name+" has started. "+about,
		params, own(opField(op), "Started"), jen.Id("ctx"), jen.Id("correlationID"), input)
}

func (f *file) publishCompleted(op annotate.Operation) {
	params := []jen.Code{f.correlationID()}
	result := f.none()
	about := ""
	if op.Result != nil {
		params = append(params, jen.Id("result").Add(f.typ(op.Result)))
		result = jen.Id("result")
		about = " Of result it tells the keys and the names of their types, never a value."
	}
	params = append(params, f.elapsed())
	f.publish(lifecycle(f.node, op)[1], "the operation "+op.Name+" has completed and took elapsed."+about,
		params, own(opField(op), "Completed"), jen.Id("ctx"), jen.Id("correlationID"), result, jen.Id("elapsed"))
}

func (f *file) publishFailed(op annotate.Operation) {
	f.publish(lifecycle(f.node, op)[2], "the operation "+op.Name+" has failed with err and took elapsed.",
		[]jen.Code{f.correlationID(), jen.Err().Error(), f.elapsed()},
		own(opField(op), "Failed"), ids("ctx", "correlationID", "err", "elapsed")...)
}

// run adds the method that runs an operation between its events.
func (f *file) run(op annotate.Operation) {
	params := []jen.Code{f.ctx()}
	args := []jen.Code{jen.Id("ctx"), own(opField(op))}
	fnParams := []jen.Code{f.imports.qualified(contextPath, "Context")}
	what := "fn(ctx)"
	if op.Input != nil {
		input := f.typ(op.Input)
		params = append(params, jen.Id("input").Add(input))
		args = append(args, jen.Id("input"))
		fnParams = append(fnParams, input)
		what = "fn(ctx, input)"
	}
	result := jen.Error()
	if op.Result != nil {
		result = jen.Custom(inParens, f.typ(op.Result), jen.Error())
	}
	params = append(params, jen.Id("fn").Add(call(jen.Func(), fnParams...), result))
	args = append(args, jen.Id("fn"))
	events := lifecycle(f.node, op)
	f.method(doc("%s runs %s as the operation %s and returns what it returns. It publishes %q, and then %q or %q.",
		runName(op), what, op.Name, events[0].literal, events[1].literal, events[2].literal),
		runName(op), params, result, call(f.onex(runner(op)), args...))
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
			params = append(params, jen.Custom(inList, ids("oldState", "newState", "reason")...).String())
		} else {
			params = append(params, jen.Custom(inList, ids("oldState", "newState")...).Add(f.typ(&f.node.State)), jen.Id("reason").String())
			f.unformatted = f.unformatted || f.node.State.Source == "string" // gofmt gathers those of one type
		}
		f.publish(e, "the node has gone from oldState to newState for the given reason.",
			params, f.onex("StateChanged"),
			jen.Id("ctx"), own("node"), jen.Id("correlationID"), jen.Id("oldState"), jen.Id("newState"), jen.Id("reason"))
	}
}

func (f *file) publishMetricRecorded() {
	for _, e := range metricEvents(f.node) {
		f.publish(e, fmt.Sprintf("the metric called name has the given value in the given unit. It carries ctx's correlation id, unless [%s.WithCorrelationID] gives another.", f.imports.names[runtimePath]),
			[]jen.Code{jen.Id("name").String(), jen.Id("value").Float64(), jen.Id("unit").String()},
			f.onex("MetricRecorded"), jen.Id("ctx"), own("node"), jen.Id("name"), jen.Id("value"), jen.Id("unit"))
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

// own is a field of the companion or, of a nil one, of one without a publisher.
func own(names ...string) jen.Code {
	return dots(jen.Custom(dotted, jen.Id("e"), call(jen.Id("orNone"))), names...)
}

func (f *file) none() *jen.Statement {
	return jen.Custom(tight, f.onex("None"), jen.Values())
}

// ofOperation is what the runtime has under a name, for the types of op.
func (f *file) ofOperation(name string, op annotate.Operation) jen.Code {
	return jen.Custom(tight, f.onex(name), jen.Custom(inBrackets, f.orNoneType(op.Input), f.orNoneType(op.Result)))
}

func (f *file) orNoneType(t *annotate.Type) jen.Code {
	if t == nil {
		return f.onex("None")
	}
	return f.typ(t)
}
