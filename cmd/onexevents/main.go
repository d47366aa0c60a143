package main

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
)

// The exit codes, which the manual explains.
const (
	exitOK    = 0
	exitFault = 1 // something is wrong in the packages or with the files
	exitError = 2 // wrong use, and whatever keeps -check from an answer
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// options are what the command line says.
type options struct {
	check    bool
	tags     string
	patterns []string
}

func run(args []string, stdout, stderr io.Writer) int {
	if len(args) > 0 && args[0] == "catalog" {
		return runCatalog(args[1:], stdout, stderr)
	}
	opts, err := parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, manual())
		return exitOK
	case err != nil:
		fmt.Fprintf(stderr, "onexevents: %v; onexevents -h shows the manual\n", err)
		return exitError
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if opts.check {
		return check(ctx, opts, stdout, stderr)
	}
	return generate(ctx, opts, stderr)
}

func parse(args []string) (options, error) {
	var opts options
	flags := flag.NewFlagSet("onexevents", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.BoolVar(&opts.check, "check", false, "")
	flags.StringVar(&opts.tags, "tags", "", "")
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	for _, arg := range flags.Args() {
		if strings.HasPrefix(arg, "-") {
			return options{}, fmt.Errorf("flag %s stands behind a package; write it in front", arg)
		}
		opts.patterns = append(opts.patterns, packageOf(arg))
	}
	return opts, nil
}

// packageOf returns the pattern for the package of a Go file, and any other
// argument as it is.
func packageOf(arg string) string {
	info, err := os.Stat(arg)
	if err != nil || !info.Mode().IsRegular() || !strings.HasSuffix(arg, ".go") {
		return arg
	}
	dir := filepath.Dir(arg)
	if filepath.IsAbs(dir) {
		return dir
	}
	return "." + string(filepath.Separator) + dir
}

//go:embed doc.go
var doc string

// manual is the package comment.
func manual() string {
	text, _, _ := strings.Cut(strings.TrimPrefix(doc, "/*\n"), "*/")
	return text
}
