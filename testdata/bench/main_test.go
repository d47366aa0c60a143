package main

import (
	"log"
	"os"
	"strings"
)

func Example_table() {
	results := `pkg: example.com/m
BenchmarkCommand/package-2   20   24000000 ns/op   20000000 golist-ns/op   1.200 x-golist
BenchmarkCommand/package-2   20   26000000 ns/op   20000000 golist-ns/op   1.300 x-golist
BenchmarkCommand/package-2   20   25000000 ns/op   20000000 golist-ns/op   1.250 x-golist
BenchmarkFile-2            2000     650000 ns/op
BenchmarkFile-2            2000     690000 ns/op
BenchmarkPeers/slow-2         3 3920000000 ns/op
`
	if err := table(os.Stdout, strings.NewReader(results)); err != nil {
		log.Fatal(err)
	}
	// Output:
	// | benchmark | time | × `go list -find` | × onexevents | one core × |
	// | --- | ---: | ---: | ---: | ---: |
	// | Command/package | 25.0 ms (24.0–26.0) | 1.25 (1.20–1.30) |  |  |
	// | File | 0.67 ms (0.65–0.69) |  |  |  |
	// | Peers/slow | 3.92 s (3.92–3.92) |  |  |  |
}
