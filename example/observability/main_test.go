package main

import (
	"bytes"
	"regexp"
	"testing"
)

// The service is seen into while Kafka is there, and when it has gone away.
func TestRun(t *testing.T) {
	t.Setenv("KAFKA_BOOTSTRAP_SERVERS", "")
	var out bytes.Buffer
	if err := run(&out); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	for pattern, want := range map[string]int{
		`(?m)^d-1 is stamped$`: 2,
		`(?m)^\{"up":true,`:    1,
		`(?m)^\{"up":false,"cause":"refused",.*connection refused`:   1,
		`(?m)^onex_events_delivered_total 5$`:                        2,
		`(?m)^onex_events_accepted_total 10$`:                        1,
		`(?m)^onex_health_up 0$`:                                     1,
		`(?m)^onex_health_cause\{cause="refused"\} 1$`:               1,
		`(?m)^POST /stamps \(internal\)\n  stamp \(internal\)\n    `: 1,
		`(?m)^ +send dev\.stamping\..*\.v1 \(producer\)$`:            5,
		`(?m)^down: refused$`:                                        1,
		`(?m)^lost: .*, closed$`:                                     5,
	} {
		if n := len(regexp.MustCompile(pattern).FindAllString(out.String(), -1)); n != want {
			t.Errorf("%s is there %d times, want %d", pattern, n, want)
		}
	}
	if t.Failed() {
		t.Log(out.String())
	}
}
