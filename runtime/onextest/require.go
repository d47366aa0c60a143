package onextest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// Require ends the test unless the wanted events were published, in this order.
// There may be others before, between and behind them.
func (r *Recorder) Require(want ...Want) {
	r.t.Helper()
	r.require("in this order, with any others between", want, inOrder)
}

// RequireExactly ends the test unless the wanted events were published, in this
// order, and no others. Without arguments it wants none at all.
func (r *Recorder) RequireExactly(want ...Want) {
	r.t.Helper()
	r.require("exactly, in this order", want, exactly)
}

// RequireAnyOrder ends the test unless the wanted events were published, in
// whatever order and among whatever others: for each want an event of its own.
func (r *Recorder) RequireAnyOrder(want ...Want) {
	r.t.Helper()
	r.require("in any order, with any others between", want, inAnyOrder)
}

// RequireNone ends the test if an event was published that one of unwanted means;
// without arguments, if any was.
func (r *Recorder) RequireNone(unwanted ...Want) {
	r.t.Helper()
	if len(unwanted) == 0 {
		unwanted = []Want{{}}
	}
	var rows []row
	found := 0
	for i, e := range r.Events() {
		this := row{at: i + 1, came: e.String()}
		for _, w := range unwanted {
			if w.matches(e) {
				this.isFault, this.want = true, "not "+w.String()
				found++
				break
			}
		}
		rows = append(rows, this)
	}
	if found > 0 {
		r.t.Fatalf("onextest: %s came that must not:\n%s", count(found, "event"), table(rows))
	}
}

func (r *Recorder) require(how string, want []Want, compare func([]Want, []Event) []row) {
	r.t.Helper()
	events := r.Events()
	rows := compare(want, events)
	for _, first := range rows {
		if first.isFault {
			r.t.Fatalf("onextest: %s wanted %s; %s came. The first difference: %s\n%s",
				count(len(want), "event"), how, strconv.Itoa(len(events)), inLine(first.why), table(rows))
		}
	}
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return strconv.Itoa(n) + " " + what
}

// row is a line of the table that a test shows.
type row struct {
	at         int    // of the event, from 1 on; 0 for none
	came, want string // "" for none
	isFault    bool
	why        string // of a fault
}

func table(rows []row) string {
	if len(rows) == 0 {
		return "\tno events came"
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 3, ' ', 0)
	fmt.Fprint(w, "     #\tcame\twanted\n")
	from, to := shown(rows)
	if from > 0 {
		fmt.Fprintf(w, "     …\t%s before\n", count(from, "row"))
	}
	for _, r := range rows[from:to] {
		mark, at, came := " ", "-", "-"
		if r.isFault {
			mark = ">"
		}
		if r.at > 0 {
			at, came = strconv.Itoa(r.at), r.came
		}
		fmt.Fprintf(w, "   %s %s\t%s\t%s\n", mark, at, inLine(came), inLine(r.want))
	}
	if rest := len(rows) - to; rest > 0 {
		fmt.Fprintf(w, "     …\t%s behind\n", count(rest, "row"))
	}
	_ = w.Flush() // into memory
	var lines []string
	for line := range strings.Lines(b.String()) {
		lines = append(lines, strings.TrimRight(line, " \n"))
	}
	return strings.Join(lines, "\n")
}

// shown says which rows a table has: all, or those around the first fault.
func shown(rows []row) (from, to int) {
	const most, before = 50, 15
	first := slices.IndexFunc(rows, func(r row) bool { return r.isFault })
	if len(rows) <= most {
		return 0, len(rows)
	}
	from = max(0, min(first-before, len(rows)-most))
	return from, from + most
}

// inLine keeps a text in its cell.
var inLine = strings.NewReplacer("\n", `\n`, "\r", `\r`, "\t", `\t`, "\v", `\v`, "\f", `\f`).Replace

// missing is the row of a want that no event has met, with the reason: how it differs
// from the event that comes closest, among those that could have met it.
func missing(w Want, where string, events []Event, isFree func(i int) bool) row {
	closest, most := 0, 0
	for i, e := range events {
		if like := w.likeness(e); like > most && isFree(i) {
			closest, most = i, like
		}
	}
	why := fmt.Sprintf("there is no “%s”%s", w, where)
	if most > 0 {
		why += fmt.Sprintf("; of event %d, %s", closest+1, w.differs(events[closest]))
	}
	return row{want: w.String(), isFault: true, why: why}
}

// inOrder gives each want the first event behind that of the want before.
func inOrder(want []Want, events []Event) (rows []row) {
	next := 0 // event
	for n, w := range want {
		at := next
		for at < len(events) && !w.matches(events[at]) {
			at++
		}
		if at == len(events) {
			where := ""
			if next > 0 {
				where = fmt.Sprintf(" behind event %d", next)
			}
			rows = append(rows, missing(w, where, events, func(i int) bool { return i >= next }))
			for _, later := range want[n+1:] {
				rows = append(rows, row{want: later.String()})
			}
			break
		}
		rows = append(rows, others(events, next, at)...)
		rows = append(rows, row{at: at + 1, came: events[at].String(), want: w.String()})
		next = at + 1
	}
	return append(rows, others(events, next, len(events))...)
}

// others are the events that nobody asks about.
func others(events []Event, from, to int) (rows []row) {
	for i := from; i < to; i++ {
		rows = append(rows, row{at: i + 1, came: events[i].String()})
	}
	return rows
}

// exactly puts the events beside the wants.
func exactly(want []Want, events []Event) (rows []row) {
	for i := range max(len(want), len(events)) {
		switch {
		case i >= len(events):
			rows = append(rows, row{want: want[i].String(), isFault: true, why: fmt.Sprintf("there is no “%s” at the end", want[i])})
		case i >= len(want):
			rows = append(rows, row{at: i + 1, came: events[i].String(), isFault: true, why: fmt.Sprintf("event %d, “%s”, is not wanted", i+1, events[i])})
		default:
			this := row{at: i + 1, came: events[i].String(), want: want[i].String()}
			if !want[i].matches(events[i]) {
				this.isFault, this.why = true, fmt.Sprintf("of event %d, %s", i+1, want[i].differs(events[i]))
			}
			rows = append(rows, this)
		}
	}
	return rows
}

// inAnyOrder gives as many wants as possible an event of their own. A want whose
// events are all taken has one of the others find another, and so on (Kuhn).
func inAnyOrder(want []Want, events []Event) (rows []row) {
	holder := make([]int, len(events)) // of each event, the want from 1 on
	var find func(n int, tried map[int]bool) bool
	find = func(n int, tried map[int]bool) bool {
		for i, e := range events {
			if tried[i] || !want[n].matches(e) {
				continue
			}
			tried[i] = true
			if holder[i] == 0 || find(holder[i]-1, tried) {
				holder[i] = n + 1
				return true
			}
		}
		return false
	}
	var unmet []Want
	for n := range want {
		if !find(n, map[int]bool{}) {
			unmet = append(unmet, want[n])
		}
	}
	for i, e := range events {
		this := row{at: i + 1, came: e.String()}
		if holder[i] > 0 {
			this.want = want[holder[i]-1].String()
		}
		rows = append(rows, this)
	}
	for _, w := range unmet {
		rows = append(rows, missing(w, " beside the others", events, func(i int) bool { return holder[i] == 0 }))
	}
	return rows
}
