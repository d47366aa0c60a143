package main

import (
	"log"
	"os"
	"strings"
)

func Example_tables() {
	results := `pkg: example.com/m
BenchmarkEncode-2   	 438	 1.000 allocs/event	 934.0 bytes/event	 455.6 ns/event	 26.50 x-maps
BenchmarkEncode-2   	 543	 1.000 allocs/event	 934.0 bytes/event	 495.3 ns/event	 32.14 x-maps
BenchmarkPublish-2  	   3	 2.000 allocs/event	 1033 ns/event	 2862 ns/run	 1.780 x-eight
BenchmarkPeers/slow-2   3	 3020 B/event	 1500 cpu-ns/event	 40585 events/s	 5.5 x-onexevents
`
	if err := tables(os.Stdout, strings.NewReader(results)); err != nil {
		log.Fatal(err)
	}
	// Output:
	// | what | median (smallest–largest) | bar |
	// | --- | ---: | ---: |
	// | a generated publish method with a struct input, from call to return | 1.03 µs (1.03–1.03) | ≤ 500 ns |
	// | its allocations | 2 (2–2) | ≤ 2 |
	// | processor time for an event, eight goroutines ÷ one | 1.78 (1.78–1.78) | ≤ 1.1 |
	// | a Run method around an empty function, two events | 2.86 µs (2.86–2.86) | ≤ 2.5 µs |
	// | an envelope is encoded | 475 ns (456–495) | ≤ 330 ns |
	// | its allocations, which is the result | 1 (1–1) | ≤ 1 |
	// | encoding/json of maps ÷ that | 29.3 (26.5–32.1) | ≥ 15 |
	//
	// | peer | events a second | onexevents delivers × | processor time an event | bytes allocated an event |
	// | --- | ---: | ---: | ---: | ---: |
	// | slow | 40585 (40585–40585) | 5.50 (5.50–5.50) | 1.50 µs (1.50–1.50) | 3020 (3020–3020) |
}
