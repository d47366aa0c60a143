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
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
)

func main() {
	leaveGarbage()
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// leaveGarbage makes this process and the go command collect less of what they
// leave behind when they end, soon after. A GOGC of the user's own stays in
// force.
func leaveGarbage() {
	if os.Getenv("GOGC") != "" {
		return
	}
	const percent = 400 // for 400 packages the go command takes 34 MB then, not 24
	debug.SetGCPercent(percent)
	os.Setenv("GOGC", strconv.Itoa(percent))
}

func run(args []string, stdout, stderr io.Writer) int {
	if len(args) > 0 {
		switch args[0] {
		case "new":
			return runNew(args[1:], stdout, stderr)
		case "catalog":
			return runCatalog(args[1:], stdout, stderr)
		case "help":
			return run([]string{"-h"}, stdout, stderr)
		case "version":
			return run([]string{"-version"}, stdout, stderr)
		}
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
	if opts.version {
		fmt.Fprintln(stdout, version())
		return exitOK
	}
	ctx, stop := signal.NotifyContext(context.Background(), interrupts()...)
	defer stop()
	out := report{stdout, stderr, opts.json}
	switch {
	case opts.check:
		return check(ctx, opts, out)
	case opts.watch:
		return watch(ctx, opts, out)
	default:
		return generate(ctx, opts, out)
	}
}

// interrupts are the signals that end a run, though never in the middle of
// writing a file.
func interrupts() []os.Signal {
	// nohup has it ignored, and so it stays.
	if signal.Ignored(syscall.SIGHUP) {
		return []os.Signal{os.Interrupt, syscall.SIGTERM}
	}
	return []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}
}

// version says which onexevents this is, and what Go has built it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "onexevents (unknown version)"
	}
	return "onexevents " + info.Main.Version + " " + info.GoVersion
}

//go:embed doc.go
var doc string

// manual is the package comment.
func manual() string {
	text, _, _ := strings.Cut(strings.TrimPrefix(doc, "/*\n"), "*/")
	return text
}
