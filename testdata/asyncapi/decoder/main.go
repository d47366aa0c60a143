// Decoder reads events, a JSON line for each with its topic and its value, into the
// Go types that go-jsonschema has generated from the schemas of their messages, which
// check puts beside this file. Each event has to be taken, and refused where a key is
// missing that its schema requires.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

func main() {
	events, damaged, err := run()
	if err == nil && (events == 0 || damaged == 0) {
		err = fmt.Errorf("%d events, and %d damaged ones", events, damaged)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "decoder:", err)
		os.Exit(1)
	}
	fmt.Printf("go-jsonschema: its types take %d events, and refuse %d without a required key\n", events, damaged)
}

func run() (events, damaged int, err error) {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var record struct {
			Topic string          `json:"topic"`
			Value json.RawMessage `json:"value"`
		}
		if err := json.Unmarshal(lines.Bytes(), &record); err != nil {
			return 0, 0, err
		}
		name := record.Topic
		for _, start := range []string{"onex.evt.", "dev."} {
			name = strings.TrimPrefix(name, start)
		}
		create := types[strings.TrimSuffix(name, ".v1")]
		if create == nil {
			return 0, 0, fmt.Errorf("there is no type for the topic %s", record.Topic)
		}
		if err := json.Unmarshal(record.Value, create()); err != nil {
			return 0, 0, fmt.Errorf("%s: %w", record.Topic, err)
		}
		events++
		for _, key := range required[strings.TrimSuffix(name, ".v1")] {
			var keys map[string]json.RawMessage
			if err := json.Unmarshal(record.Value, &keys); err != nil {
				return 0, 0, err
			}
			delete(keys, key)
			without, err := json.Marshal(keys)
			if err != nil {
				return 0, 0, err
			}
			if json.Unmarshal(without, create()) == nil {
				return 0, 0, fmt.Errorf("%s: taken without %s", record.Topic, key)
			}
			damaged++
		}
	}
	return events, damaged, lines.Err()
}
