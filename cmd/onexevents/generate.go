package main

import (
	"context"
	"fmt"
	"go/token"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/omninode-ai/onexevents/annotate"
)

// generate brings the files up to date.
func generate(ctx context.Context, opts options, out report) int {
	p, err := makePlan(ctx, opts)
	if err != nil {
		out.failure(err)
		return exitFault
	}
	if r := p.carryOut(out); r.faults > 0 {
		return exitFault
	}
	return exitOK
}

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

// result is what has come of a plan.
type result struct {
	made   []change
	faults int
}

// carryOut reports what is wrong, makes the changes on disk, those that can be
// made, and reports them.
func (p plan) carryOut(out report) result {
	r := result{faults: len(p.faults)}
	for _, fault := range p.faults {
		out.fault(fault)
	}
	failed := p.apply()
	for i, c := range p.changes {
		switch {
		case c.kept:
			out.fault(annotate.Diagnostic{
				Pos:     token.Position{Filename: c.path},
				Message: "this file was generated for a directive that is gone, and then edited by hand, and so is kept; move what is worth it to another file, and remove this one",
			})
			r.faults++
		case failed[i] != nil:
			out.fault(unmade(c, failed[i]))
			r.faults++
		default:
			out.done(c)
			r.made = append(r.made, c)
		}
	}
	for _, pkg := range p.pkgs {
		// A run that was killed has left something only where it has written.
		if len(pkg.Nodes)+len(pkg.Generated) > 0 {
			sweep(pkg.Dir, time.Now().Add(-leftoverAge))
		}
	}
	return r
}

// apply makes the changes, on all cores, as a file takes the system longer to
// write than us to render. It returns what has kept each from being made.
func (p plan) apply() []error {
	failed := make([]error, len(p.changes))
	var next atomic.Int64
	var writing sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(p.changes)) {
		writing.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(p.changes)); i = next.Add(1) - 1 {
				if c := p.changes[i]; !c.kept {
					failed[i] = c.apply()
				}
			}
		})
	}
	writing.Wait()
	return failed
}

// unmade says why a change has not been made.
func unmade(c change, err error) annotate.Diagnostic {
	return annotate.Diagnostic{
		Pos:     token.Position{Filename: c.path},
		Message: fmt.Sprintf("this file cannot be %s (%v) and is as it was; run onexevents again when it can be", c.done(), cause(err)),
	}
}
