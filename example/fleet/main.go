// Fleet runs any number of simulated nodes that publish what real ones would,
// at a given rate for a given time, and says what that has cost:
//
//	go run ./example/fleet -nodes 1000 -services 100 -rate 5000 -for 30s
//
// It publishes to the cluster that the environment names (KAFKA_BOOTSTRAP_SERVERS
// and what else onex.ConfigFromEnv reads), or to an embedded broker. Ctrl-C ends
// it early, with the report. What the figures of a cluster of three brokers were,
// and what follows from them, is in README.md beside this file; the script measure
// measures them again.
//
// The nodes are made with onex.NewNode and onex.NewOperation, which else only
// generated code does: how many services there are is not known before the
// program runs, and code is generated before it.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run returns the exit code: 0 if every event was delivered, 1 if not, 2 if the
// flags are wrong.
func run(ctx context.Context, args []string, out, errOut io.Writer) int {
	o, err := parse(args, errOut)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintln(errOut, "fleet:", err)
		return 2
	}
	r, err := measure(ctx, o, errOut)
	if r != nil {
		switch {
		case o.json:
			err = errors.Join(err, json.NewEncoder(out).Encode(r))
		case o.row != "":
			r.row(out, o.row)
		default:
			r.print(out)
		}
	}
	if err != nil {
		fmt.Fprintln(errOut, "fleet:", err)
		return 1
	}
	return 0
}
