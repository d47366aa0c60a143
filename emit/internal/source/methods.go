package source

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/emit/internal/naming"
)

// method adds a method of the companion whose body is one call.
func (f *file) method(doc jen.Code, name string, params []jen.Code, result, call jen.Code) {
	f.declare(doc, jen.Add(function, f.receiver,
		jen.Custom(tight, jen.Id(name), jen.Custom(inParens, params...)), result,
		jen.Custom(body, jen.Return(call))))
}

// publish adds the publish method of an event: ctx, what the event says, and
// the options. about continues "PublishX publishes "x.y": ".
func (f *file) publish(e naming.Event, about string, params []jen.Code, fn jen.Code, args ...jen.Code) {
	params = append(append([]jen.Code{f.ctx()}, params...), f.opts())
	f.method(doc("%s publishes %s: %s", e.Method, e.Quoted(), about), e.Method, params, failure, call(fn, append(args, options)...))
}

func (f *file) publishStarted(op operation) {
	params := []jen.Code{f.correlationID()}
	arg := f.none()
	about := "The operation takes no input."
	if op.Input != nil {
		params = append(params, jen.Add(id("input"), f.typ(op.Input)))
		arg = id("input")
		about = "Of input it tells the keys and the names of their types, never a value."
	}
	f.publish(op.events[0], "the operation "+op.Name+" has started. "+about,
		params, dots(op.field, id("Started")), id("ctx"), id("correlationID"), arg)
}

func (f *file) publishCompleted(op operation) {
	params := []jen.Code{f.correlationID()}
	arg := f.none()
	about := ""
	if op.Result != nil {
		params = append(params, jen.Add(id("result"), f.typ(op.Result)))
		arg = id("result")
		about = " Of result it tells the keys and the names of their types, never a value."
	}
	params = append(params, f.elapsed())
	f.publish(op.events[1], "the operation "+op.Name+" has completed and took elapsed."+about,
		params, dots(op.field, id("Completed")), id("ctx"), id("correlationID"), arg, id("elapsed"))
}

func (f *file) publishFailed(op operation) {
	f.publish(op.events[2], "the operation "+op.Name+" has failed with err and took elapsed. "+
		"The event names err's type, or what its method ErrorType() string says if it, or an error that it wraps, has one.",
		[]jen.Code{f.correlationID(), jen.Id("err").Error(), f.elapsed()},
		dots(op.field, id("Failed")), ids("ctx", "correlationID", "err", "elapsed")...)
}

// run adds the method that runs an operation between its events.
func (f *file) run(op operation) {
	params := []jen.Code{f.ctx()}
	args := []jen.Code{id("ctx"), op.field}
	fnParams := []jen.Code{f.imports.qualified(contextPath, "Context")}
	what := "fn(ctx)"
	if op.Input != nil {
		params = append(params, jen.Add(id("input"), f.typ(op.Input)))
		args = append(args, id("input"))
		fnParams = append(fnParams, f.typ(op.Input))
		what = "fn(ctx, input)"
	}
	result := failure
	if op.Result != nil {
		result = jen.Custom(inParens, f.typ(op.Result), failure)
	}
	params = append(params, jen.Add(id("fn"), call(function, fnParams...), result))
	args = append(args, id("fn"))
	name := naming.RunName(op.Operation)
	f.method(doc("%s runs %s as the operation %s and returns what it returns. It publishes %s, and then %q or %q.",
		name, what, op.Name, op.events[0].Quoted(), op.events[1].Literal, op.events[2].Literal),
		name, params, result, call(f.onex(runner(op.Operation)), args...))
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
	for _, e := range naming.StateEvents(f.node) {
		params := []jen.Code{f.correlationID()}
		if f.node.State.Source == "" {
			params = append(params, jen.Custom(inList, ids("oldState", "newState", "reason")...).String())
		} else {
			params = append(params, jen.Custom(inList, ids("oldState", "newState")...).Add(f.typ(&f.node.State)), jen.Id("reason").String())
			f.unformatted = f.unformatted || f.node.State.Source == "string" // gofmt gathers those of one type
		}
		f.publish(e, fmt.Sprintf("the node has gone from oldState to newState for the given reason. A correlationID of [%s.Nil] stands for ctx's.", f.imports.names[uuidPath]),
			params, f.onex("StateChanged"), id("ctx"), dots(orNone, id("node")), id("correlationID"), id("oldState"), id("newState"), id("reason"))
	}
}

func (f *file) publishMetricRecorded() {
	for _, e := range naming.MetricEvents(f.node) {
		f.publish(e, fmt.Sprintf("the metric called name has the given value in the given unit. It carries ctx's correlation id, unless [%s.WithCorrelationID] gives another.", f.imports.names[runtimePath]),
			[]jen.Code{jen.Id("name").String(), jen.Id("value").Float64(), jen.Id("unit").String()},
			f.onex("MetricRecorded"), id("ctx"), dots(orNone, id("node")), id("name"), id("value"), id("unit"))
	}
}

// param is a parameter of a type that is imported.
func (f *file) param(name, path, typ string) jen.Code {
	return f.once(name, func() jen.Code { return jen.Id(name).Add(f.imports.qualified(path, typ)) })
}

func (f *file) ctx() jen.Code           { return f.param("ctx", contextPath, "Context") }
func (f *file) correlationID() jen.Code { return f.param("correlationID", uuidPath, "UUID") }
func (f *file) elapsed() jen.Code       { return f.param("elapsed", timePath, "Duration") }

func (f *file) opts() jen.Code {
	return f.once("opts", func() jen.Code { return jen.Id("opts").Custom(tight, ellipsis, f.onex("EventOption")) })
}

func (f *file) none() jen.Code {
	return f.once("none", func() jen.Code { return jen.Custom(tight, f.onex("None"), noValues) })
}

// ofOperation is what the runtime has under a name, for the types of op.
func (f *file) ofOperation(name string, op operation) jen.Code {
	return jen.Custom(tight, f.onex(name), jen.Custom(inBrackets, f.orNoneType(op.Input), f.orNoneType(op.Result)))
}

func (f *file) orNoneType(t *annotate.Type) jen.Code {
	if t == nil {
		return f.onex("None")
	}
	return f.typ(t)
}
