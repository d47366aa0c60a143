package main

import (
	"context"
)

// check reports how the files differ from what would be generated.
func check(ctx context.Context, opts options, out report) int {
	p, err := makePlan(ctx, opts)
	if err != nil {
		out.failure(err)
		return exitError
	}
	for _, fault := range p.faults {
		out.fault(fault)
	}
	for _, c := range p.changes {
		out.needed(c)
	}
	switch {
	case len(p.faults) > 0:
		return exitError
	case len(p.changes) > 0:
		return exitFault
	default:
		return exitOK
	}
}
