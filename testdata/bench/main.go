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
	if err := table(os.Stdout, os.Stdin); err != nil {
		log.Fatal(err)
	}
}

type column struct{ unit, title string }

var columns = []column{
	{"sec/op", "time"},
	{"x-golist", "× `go list -find`"},
	{"x-onexevents", "× onexevents"},
	{"x-onecore", "one core ×"},
}

// table reads what go test -bench prints and writes a table: of each benchmark
// and unit the median, and from where to where the single results go.
func table(w io.Writer, r io.Reader) error {
	var names []string
	values := map[string]map[string][]float64{} // by name and unit
	reader := benchfmt.NewReader(r, "standard input")
	for reader.Scan() {
		switch result := reader.Result().(type) {
		case *benchfmt.SyntaxError:
			return result
		case *benchfmt.Result:
			name, _, _ := strings.Cut(string(result.Name.Full()), "-") // cores
			if values[name] == nil {
				values[name] = map[string][]float64{}
				names = append(names, name)
			}
			for _, v := range result.Values {
				values[name][v.Unit] = append(values[name][v.Unit], v.Value)
			}
		}
	}
	if err := reader.Err(); err != nil {
		return err
	}
	row := func(first string, cell func(column) string) {
		fmt.Fprintf(w, "| %s |", first)
		for _, c := range columns {
			fmt.Fprintf(w, " %s |", cell(c))
		}
		fmt.Fprintln(w)
	}
	row("benchmark", func(c column) string { return c.title })
	row("---", func(column) string { return "---:" })
	for _, name := range names {
		row(name, func(c column) string { return cell(c.unit, values[name][c.unit]) })
	}
	return nil
}

// cell has a figure; behind a median time stands its unit.
func cell(unit string, values []float64) string {
	return benchkit.Figure(values, func(median float64) (float64, string) {
		switch {
		case unit == "sec/op" && median < 1:
			return 1000, " ms"
		case unit == "sec/op":
			return 1, " s"
		default:
			return 1, ""
		}
	})
}
