package main

import (
	"fmt"
	"io"
	"log"
	"os"
	"strings"

	"golang.org/x/perf/benchfmt"

	"github.com/omninode-ai/onexevents/testdata/benchkit"
)

func main() {
	log.SetFlags(0)
	if err := tables(os.Stdout, os.Stdin); err != nil {
		log.Fatal(err)
	}
}

// row is one line of the first table: a unit that a benchmark reports, what it
// says, and what it has to be.
type row struct{ benchmark, unit, what, bar string }

var rows = []row{
	{"Publish", nanos + "/event", "a generated publish method with a struct input, from call to return", "≤ 500 ns"},
	{"Publish", "cpu-" + nanos + "/event", "processor time for it on average, with that for the garbage collector", "≤ 0.85 µs"},
	{"Publish", "allocs/event", "its allocations", "≤ 2"},
	{"Publish", "x-eight", "processor time for an event, eight goroutines ÷ one", "≤ 1.1"},
	{"Publish", nanos + "/run", "a Run method around an empty function, two events", "≤ 2.5 µs"},
	{"Delivered", nanos + "/event", "from call to Kafka's acknowledgement, 20,000 events at a time", ""},
	{"Delivered", "kgo-" + nanos + "/event", "kgo.Produce of the same bytes, ready-made", ""},
	{"Delivered", "x-kgo", "the one ÷ the other", "≤ 1.7"},
	{"Delivered", "cpu-x-kgo", "the same for the processor time of both", ""},
	{"DeliveredToMany", "x-kgo", "the same with a thousand topics in use", "≤ 1.7"},
	{"DeliveredAlone", nanos + "/event", "from call to acknowledgement, one event at a time", ""},
	{"DeliveredAlone", "x-kgo", "that ÷ kgo.Produce of the same bytes", ""},
	{"Encode", nanos + "/event", "an envelope is encoded", "≤ 330 ns"},
	{"Encode", "allocs/event", "its allocations, which is the result", "≤ 1"},
	{"Encode", "x-maps", "encoding/json of maps ÷ that", "≥ 15"},
	{"Encode", "x-structs", "encoding/json of structs ÷ that", ""},
	{"Decode", nanos + "/event", "an envelope and its payload are decoded", "≤ 2.2 µs"},
	{"Decode", "x-json", "encoding/json into structs with the same fields ÷ that", "≥ 3"},
	{"Decode", "x-jsononce", "the same, if it knew the payload's type beforehand", ""},
	{"Summary/struct", nanos + "/event", "the summary of a struct with ten fields", "≤ 50 ns"},
	{"Summary/pointers", nanos + "/event", "of one with eight pointers and interfaces among ten", ""},
	{"Summary/map", nanos + "/event", "of a map with ten keys", "≤ 1 µs"},
	{"Memory", "B/event", "memory that an event takes in the queue, beyond its bytes", "≤ 100"},
}

// nanos is what becomes of ns when results are read.
const nanos = "sec"

// tables reads what go test -bench prints and writes two tables: of each result
// the median, and from where to where the single results go.
func tables(w io.Writer, r io.Reader) error {
	values := map[string]map[string][]float64{} // by name and unit
	var peers []string
	reader := benchfmt.NewReader(r, "standard input")
	for reader.Scan() {
		switch result := reader.Result().(type) {
		case *benchfmt.SyntaxError:
			return result
		case *benchfmt.Result:
			name, _, _ := strings.Cut(string(result.Name.Full()), "-") // cores
			if values[name] == nil {
				values[name] = map[string][]float64{}
				if strings.HasPrefix(name, "Peers/") {
					peers = append(peers, name)
				}
			}
			for _, v := range result.Values {
				values[name][v.Unit] = append(values[name][v.Unit], v.Value)
			}
		}
	}
	if err := reader.Err(); err != nil {
		return err
	}
	fmt.Fprintln(w, "| what | median (smallest–largest) | bar |")
	fmt.Fprintln(w, "| --- | ---: | ---: |")
	for _, r := range rows {
		if v := values[r.benchmark][r.unit]; len(v) > 0 {
			fmt.Fprintf(w, "| %s | %s | %s |\n", r.what, cell(r.unit, v), r.bar)
		}
	}
	if len(peers) == 0 {
		return nil
	}
	fmt.Fprintln(w, "\n| peer | events a second | onexevents delivers × | processor time an event | bytes allocated an event |")
	fmt.Fprintln(w, "| --- | ---: | ---: | ---: | ---: |")
	for _, name := range peers {
		v := values[name]
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s |\n", strings.TrimPrefix(name, "Peers/"),
			cell("events/s", v["events/s"]), cell("x-onexevents", v["x-onexevents"]), cell(nanos+"/event", v["cpu-"+nanos+"/event"]), cell("B/event", v["B/event"]))
	}
	return nil
}

// cell has a figure; behind a median time stands its unit.
func cell(unit string, values []float64) string {
	return benchkit.Figure(values, func(median float64) (float64, string) {
		switch {
		case !strings.Contains(unit, nanos+"/"):
			return 1, ""
		case median < 1e-6:
			return 1e9, " ns"
		default:
			return 1e6, " µs"
		}
	})
}
