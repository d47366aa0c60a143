package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/omninode-ai/onexevents/annotate"
)

// generate brings the files up to date.
func generate(ctx context.Context, opts options, stderr io.Writer) int {
	changes, faults, err := plan(ctx, opts)
	if err != nil {
		fmt.Fprintf(stderr, "onexevents: %v\n", err)
		return exitFault
	}
	code := exitOK
	for _, fault := range faults {
		fmt.Fprintln(stderr, relative(fault))
		code = exitFault
	}
	for _, c := range changes {
		if err := c.apply(); err != nil {
			fmt.Fprintf(stderr, "onexevents: %v\n", err)
			code = exitFault
		}
	}
	return code
}

// relative shortens the file name of a diagnostic if it is below the current
// folder, so that what an editor gets to see is short and can be clicked.
func relative(d annotate.Diagnostic) annotate.Diagnostic {
	d.Pos.Filename = shortened(d.Pos.Filename)
	return d
}

func shortened(path string) string {
	dir, err := os.Getwd()
	if err != nil || path == "" {
		return path
	}
	rel, err := filepath.Rel(dir, path)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return path
	}
	return rel
}
