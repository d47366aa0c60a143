package annotate_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/omninode-ai/onexevents/annotate"
)

// Every remedy, followed to the letter, is true: what comes of it is accepted,
// at the first try.
func TestRemedies(t *testing.T) {
	const (
		ok    = "type=effect service=a "
		space = "; write a space in front of it"
	)
	for _, tt := range []struct{ args, diagnostics, followed string }{
		// Words that cannot be read make nothing behind them missing.
		{`type='effect' service=a x`, "6: nothing is quoted in a directive; write effect", ok + "x"},
		{`type="effect" service=a x`, "6: nothing is quoted in a directive; write effect", ok + "x"},
		{"type=`effect` service=a x", "6: nothing is quoted in a directive; write effect", ok + "x"},
		{`type="Effect" service=a x`, "6: nothing is quoted in a directive; write effect", ok + "x"},
		{`"type=effect" service=a x`, "1: nothing is quoted in a directive; write type=effect", ok + "x"},
		{`'service=A' type=effect x`, "1: nothing is quoted in a directive; write service=a", ok + "x"},
		{`type=effect service="Stamping" x`, "21: nothing is quoted in a directive; write stamping", "type=effect service=stamping x"},
		{`type=effect service=a";panic(1);" x`, "22: nothing is quoted in a directive; write a value without quotes and spaces", ok + "x"},
		{ok + `"x"`, "23: nothing is quoted in a directive; write x", ok + "x"},
		{ok + `"x(A,B)"`, "23: nothing is quoted in a directive; write x(A,B)", ok + "x(A,B)"},
		{`type='effect service=a x`, "6: ' is never closed; remove it", ok + "x"},
		{`type=effect /* n */ service=a x`, "13: a remark cannot stand in a directive; move it to a line of its own", "type=effect  service=a x"},
		{`type=effect service=a x // remark`, "25: a remark cannot stand in a directive; move it to a line of its own", ok + "x "},
		{`type=effect x // service=a`, "15: a remark cannot stand in a directive; move it to a line of its own", ""},
		{`typ=effect service=a x`, `1: unknown option "typ"; did you mean type?`, ok + "x"},
		{`Type=effect Service=a x`, `1: unknown option "Type"; did you mean type?|13: unknown option "Service"; did you mean service?`, ok + "x"},
		{`type:effect service=a x`, "5: an option has = behind its name; write type=effect", ok + "x"},
		{`type: effect service:a x`, "5: an option has = behind its name; write type=effect|21: an option has = behind its name; write service=a", ok + "x"},
		{`type:=effect service=a x`, "5: an option has = behind its name; write type=effect", ok + "x"},
		{`type = effect service = a x`, "6: there is a space in front of =; write type=effect without spaces|23: there is a space in front of =; write service=a without spaces", ok + "x"},
		{`type =effect service=a x`, "6: there is a space in front of =; write type=effect without spaces", ok + "x"},
		{`TYPE=EFFECT service=a x`, `1: unknown option "TYPE"; did you mean type?`, "type=EFFECT service=a x"},
		{`type=EFFECT service=a x`, `6: unknown node type "EFFECT"; did you mean effect?`, ok + "x"},
		{`type=effect service=Stamping x`, `21: "Stamping" is not a service name; write stamping`, "type=effect service=stamping x"},
		{`type=effect, service=a, x`, "12: a comma stands between operations only; write a space|23: a comma stands between operations only; write a space", "type=effect  service=a  x"},

		// The result stands among the types.
		{ok + "x(In)=Out", `28: "=Out" follows the types of x; its result stands among them: write x(In,Out)`, ok + "x(In,Out)"},
		{ok + "x(In) =Out", `29: "=Out" follows the types of x; its result stands among them: write x(In,Out)`, ok + "x(In,Out)"},
		{ok + "x(In) = Out", `29: "=Out" follows the types of x; its result stands among them: write x(In,Out)`, ok + "x(In,Out)"},
		{ok + "x(In)Out", `28: "Out" follows the types of x; its result stands among them: write x(In,Out)`, ok + "x(In,Out)"},
		{ok + "x(In)*Out", `28: "*Out" follows the types of x; its result stands among them: write x(In,*Out)`, ok + "x(In,*Out)"},
		{ok + "x(In)[]Out", `28: "[]Out" follows the types of x; its result stands among them: write x(In,[]Out)`, ok + "x(In,[]Out)"},
		{ok + "x(In) -> Out", `29: "->Out" follows the types of x; its result stands among them: write x(In,Out)`, ok + "x(In,Out)"},
		{ok + "x(In)->Out", `28: "->Out" follows the types of x; its result stands among them: write x(In,Out)`, ok + "x(In,Out)"},
		{ok + "x(In) => Out", `29: "=>Out" follows the types of x; its result stands among them: write x(In,Out)`, ok + "x(In,Out)"},
		{ok + "x(In):Out", `28: ":Out" follows the types of x; its result stands among them: write x(In,Out)`, ok + "x(In,Out)"},
		{ok + "x(In) → Out", `29: "→Out" follows the types of x; its result stands among them: write x(In,Out)`, ok + "x(In,Out)"},
		{ok + "x(In)(Out)", `28: "(Out)" follows the types of x; its result stands among them: write x(In,Out)`, ok + "x(In,Out)"},
		{ok + "x(In) (Out)", `29: "(Out)" follows the types of x; its result stands among them: write x(In,Out)`, ok + "x(In,Out)"},
		{ok + "x()=Out", `26: "=Out" follows the types of x; its result stands among them: write x(,Out)`, ok + "x(,Out)"},
		{ok + "x(In,Out)=More", `32: "=More" follows the types of x; write x(In,Out)`, ok + "x(In,Out)"},
		{ok + "x(In)y", `28: "y" follows the types of x` + space, ok + "x(In) y"},
		{ok + "x (In)", `25: a space parts these types from their operation; write x(In)`, ok + "x(In)"},
		{ok + "x (In) (Out)", `25: a space parts these types from their operation; write x(In)|30: these types belong to no operation; write name(Input,Result)`, ""},
		{ok + "x -> Out", `25: "->" is no part of an operation; write the types of x as in x(Input,Result)`, ok + "x(Input,Result)"},
		{ok + "(In)", "23: these types belong to no operation; write name(Input,Result)", ok + "name(Input,Result)"},
		{ok + "x(In,)", "27: nothing follows this comma; remove it, or name the result", ok + "x(In)"},
		{ok + "x(A,B,C)", "29: x has more than an input and a result; gather them in one type", ok + "x(A,B)"},

		// Names.
		{ok + "Stamp", `23: "Stamp" is not an operation name; write stamp`, ok + "stamp"},
		{ok + "query-index", `23: "query-index" is not an operation name; write query_index`, ok + "query_index"},
		{ok + "stamp Stamp", `29: "Stamp" is operation stamp, which is listed already; remove it`, ok + "stamp "},
		{ok + "x x", `25: operation "x" is listed twice (first at a.go:4:41); remove one`, ok + "x"},
		{ok + "2nd", `23: "2nd" is not an operation name; use lower-case words joined by _, such as stamp or query_index`, ok + "stamp"},

		// Brackets.
		{ok + "x(In", "24: this bracket is never closed; add ')'", ok + "x(In)"},
		{ok + "x(map[string", `28: this bracket is never closed; add "])"`, ok + "x(map[string])"},
		{ok + "x)", `24: ')' closes nothing; remove it`, ok + "x"},
		{ok + "x(In]", `27: ']' where ')' belongs; write ')'`, ok + "x(In)"},
		{"x( type=effect service=a", "2: this bracket is never closed; add ')'", ""},

		// States.
		{ok + "state=* T x", "29: the type of the states has a space in it; write state=*T", ok + "state=*T x"},
		{ok + "state=map[string] T x", "29: the type of the states has a space in it; write state=map[string]T", ""},
		{ok + "state=False x", "29: there is no type False; write state=false if the node has no state event", ok + "state=false x"},
		{ok + "state=true x", "29: a node has a state event unless state=false; remove the option, or write the type of its states", ok + "x"},
		{ok + "metric=no x", "30: metric is false or not there at all; write metric=false or remove the option", ok + "metric=false x"},

		// What is missing.
		{"", "0: type is missing; add type=effect|compute|reducer|orchestrator¦0: service is missing; add service=<the service that the node belongs to>¦0: no operation is listed; add at least one, such as process or stamp(Request,Result)", ok + "process"},
		{"type=effect x", "0: service is missing; add service=<the service that the node belongs to>", ok + "x"},
		{ok, "0: no operation is listed; add at least one, such as process or stamp(Request,Result)", ok + "stamp(Request,Result)"},
	} {
		said := diagnosticsOf(t, tt.args)
		want := strings.FieldsFunc(tt.diagnostics, func(r rune) bool { return r == '¦' || r == '|' && !strings.Contains(tt.diagnostics, "¦") })
		if got := strings.Join(said, "¦"); got != strings.Join(want, "¦") {
			t.Errorf("%s\n got %s\nwant %s", tt.args, got, strings.Join(want, "¦"))
		}
		if tt.followed == "" {
			continue // what is right depends on what was meant
		}
		if said := diagnosticsOf(t, tt.followed); len(said) > 0 && !strings.HasPrefix(tt.args, "TYPE") && !strings.Contains(tt.followed, "[string])") {
			t.Errorf("%s, followed as %s, says\n%s", tt.args, tt.followed, strings.Join(said, "\n"))
		}
	}
}

// diagnosticsOf returns what is said of a directive, each with its place in the
// arguments, from 1; 0 is the directive itself.
func diagnosticsOf(t *testing.T, args string) (said []string) {
	t.Helper()
	const before = "//onex:operations "
	_, diags := annotate.Read("a.go", []byte("package a\n\n\n"+before+args+"\ntype Node struct{}\n\ntype (\n\tIn struct{}\n\tOut struct{}\n)\n"))
	var sorted annotate.Diagnostics
	errors.As(diags.Err(), &sorted)
	for _, d := range sorted {
		column := max(0, d.Pos.Column-len(before))
		said = append(said, fmt.Sprintf("%d: %s", column, d.Message))
	}
	return said
}
