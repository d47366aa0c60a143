package emit

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/omninode-ai/onexevents/annotate"
)

func quoted(s string) string { return strconv.Quote(s) }

// method adds a method of the companion whose body is one call.
func (f *file) method(name string, params []string, result, call string, args ...string) {
	f.line("func (%s) %s(%s) %s {", f.receiver, name, strings.Join(params, ", "), result)
	f.line("\treturn %s(%s)", call, strings.Join(args, ", "))
	f.line("}\n")
}

// publish adds the publish method of an event: ctx, what the event says, and
// the options. about continues "PublishX publishes "x.y": ".
func (f *file) publish(e event, about string, params []string, call string, args ...string) {
	f.doc("%s publishes %q: %s", e.method, e.literal, about)
	params = append([]string{f.ctx()}, params...)
	params = append(params, "opts ..."+f.onex("EventOption"))
	f.method(e.method, params, "error", call, append(args, "opts...")...)
}

func (f *file) publishStarted(op annotate.Operation) {
	params := []string{f.correlationID()}
	input := f.onex("None") + "{}"
	about := "The operation takes no input."
	if op.Input != nil {
		params = append(params, "input "+f.typ(*op.Input))
		input = "input"
		about = "Of input it tells the keys and the names of their types, never a value."
	}
	f.publish(lifecycle(f.node, op)[0], "the operation "+op.Name+" has started. "+about,
		params, f.op(op)+".Started", "ctx", "correlationID", input)
}

func (f *file) publishCompleted(op annotate.Operation) {
	params := []string{f.correlationID()}
	result := f.onex("None") + "{}"
	about := ""
	if op.Result != nil {
		params = append(params, "result "+f.typ(*op.Result))
		result = "result"
		about = " Of result it tells the keys and the names of their types, never a value."
	}
	params = append(params, f.elapsed())
	f.publish(lifecycle(f.node, op)[1], "the operation "+op.Name+" has completed and took elapsed."+about,
		params, f.op(op)+".Completed", "ctx", "correlationID", result, "elapsed")
}

func (f *file) publishFailed(op annotate.Operation) {
	f.publish(lifecycle(f.node, op)[2], "the operation "+op.Name+" has failed with err and took elapsed.",
		[]string{f.correlationID(), "err error", f.elapsed()},
		f.op(op)+".Failed", "ctx", "correlationID", "err", "elapsed")
}

// run adds the method that runs an operation between its events.
func (f *file) run(op annotate.Operation) {
	params := []string{f.ctx()}
	args := []string{"ctx", f.op(op)}
	fnParams := f.imports.qualified(contextPath, "Context")
	what := "fn(ctx)"
	if op.Input != nil {
		input := f.typ(*op.Input)
		params = append(params, "input "+input)
		args = append(args, "input")
		fnParams += ", " + input
		what = "fn(ctx, input)"
	}
	result := "error"
	if op.Result != nil {
		result = "(" + f.typ(*op.Result) + ", error)"
	}
	params = append(params, "fn func("+fnParams+") "+result)
	args = append(args, "fn")
	events := lifecycle(f.node, op)
	f.doc("%s runs %s as the operation %s and returns what it returns. It publishes %q, and then %q or %q.",
		runName(op), what, op.Name, events[0].literal, events[1].literal, events[2].literal)
	f.method(runName(op), params, result, f.onex(runner(op)), args...)
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
		params := []string{f.correlationID(), "oldState, newState, reason string"}
		if f.node.State.Source != "" {
			params = []string{f.correlationID(), "oldState, newState " + f.typ(f.node.State), "reason string"}
			f.unformatted = f.unformatted || f.node.State.Source == "string"
		}
		f.publish(e, "the node has gone from oldState to newState for the given reason.",
			params, f.onex("StateChanged"), "ctx", "e.orNone().node", "correlationID", "oldState", "newState", "reason")
	}
}

func (f *file) publishMetricRecorded() {
	for _, e := range metricEvents(f.node) {
		f.publish(e, fmt.Sprintf("the metric called name has the given value in the given unit. It carries ctx's correlation id, unless [%s.WithCorrelationID] gives another.", f.imports.names[runtimePath]),
			[]string{"name string", "value float64", "unit string"},
			f.onex("MetricRecorded"), "ctx", "e.orNone().node", "name", "value", "unit")
	}
}

func (f *file) ctx() string { return "ctx " + f.imports.qualified(contextPath, "Context") }

func (f *file) correlationID() string {
	return "correlationID " + f.imports.qualified(uuidPath, "UUID")
}

func (f *file) elapsed() string { return "elapsed " + f.imports.qualified(timePath, "Duration") }

// op is the companion's field for an operation.
func (f *file) op(op annotate.Operation) string { return "e.orNone()." + opField(op) }

func (f *file) orNoneType(t *annotate.Type) string {
	if t == nil {
		return f.onex("None")
	}
	return f.typ(*t)
}
