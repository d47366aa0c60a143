package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/rogpeppe/go-internal/diff"
)

// check prints how the files differ from what would be generated.
func check(ctx context.Context, opts options, stdout, stderr io.Writer) int {
	changes, faults, err := plan(ctx, opts)
	if err != nil {
		fmt.Fprintf(stderr, "onexevents: %v\n", err)
		return exitError
	}
	for _, fault := range faults {
		fmt.Fprintln(stderr, relative(fault))
	}
	for _, c := range changes {
		name := shortened(c.path)
		fmt.Fprintf(stdout, "%s: %s\n", name, c.state)
		stdout.Write(diff.Diff(nameOf(name, c.old), withoutCR(c.old), nameOf(name, c.new), c.new))
	}
	switch {
	case len(faults) > 0:
		return exitError
	case len(changes) > 0:
		return exitFault
	default:
		return exitOK
	}
}

// nameOf is what a diff calls one side of a file that may not be there.
func nameOf(name string, content []byte) string {
	if content == nil {
		return os.DevNull
	}
	return name
}
