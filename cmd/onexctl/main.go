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
	"strings"
	"syscall"
)

// The exit codes, which the manual explains.
const (
	exitOK    = 0
	exitBad   = 1 // what was found is not well
	exitError = 2 // wrong use, and whatever keeps a command from an answer
)

func main() { os.Exit(run(os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})) }

// streams are what a command reads from and prints to.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

func run(args []string, s streams) int {
	if len(args) == 0 {
		return misused(s, "onexctl", errors.New("there is no command"))
	}
	if isHelp(args[0]) {
		fmt.Fprint(s.out, manual())
		return exitOK
	}
	cmd, rest, err := findCommand(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(s.out, part(cmd.part))
		return exitOK
	case err != nil:
		return misused(s, "onexctl", err)
	}
	do, err := cmd.parse(rest)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(s.out, part(cmd.part))
		return exitOK
	case err != nil:
		return misused(s, "onexctl "+cmd.name, err)
	}
	return cmd.exitCode(s, do)
}

// exitCode does what the command is there for, until it is done or interrupted.
func (cmd command) exitCode(s streams, do func(context.Context, streams) (bool, error)) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // so that a second signal ends what does not end
	good, err := do(ctx, s)
	var wrong *usageError
	switch {
	case errors.As(err, &wrong):
		return misused(s, "onexctl "+cmd.name, err)
	case err != nil && ctx.Err() != nil:
		fmt.Fprintf(s.err, "onexctl %s: interrupted\n", cmd.name)
		return exitError
	case err != nil:
		fmt.Fprintf(s.err, "onexctl %s: %v\n", cmd.name, err)
		return exitError
	case !good:
		return exitBad
	default:
		return exitOK
	}
}

func misused(s streams, name string, err error) int {
	fmt.Fprintf(s.err, "%s: %v; %s -h shows the manual\n", name, err, name)
	return exitError
}

//go:embed doc.go
var doc string

// manual is the package comment.
func manual() string {
	text, _, _ := strings.Cut(strings.TrimPrefix(doc, "/*\n"), "*/")
	return text
}

// part is what stands in the manual under a heading.
func part(heading string) string {
	_, text, _ := strings.Cut(manual(), "\n# "+heading+"\n\n")
	text, _, _ = strings.Cut(text, "\n# ")
	return strings.TrimRight(text, "\n") + "\n"
}
