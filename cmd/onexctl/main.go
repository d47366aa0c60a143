package main

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/command"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
)

// The exit codes, which the manual explains.
const (
	exitOK    = 0
	exitBad   = 1 // what was found is not well
	exitError = 2 // wrong use, and whatever keeps a command from an answer
)

func main() {
	os.Exit(run(os.Args[1:], terminal.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}

func run(args []string, s terminal.Streams) int {
	if len(args) == 0 {
		return misused(s, "onexctl", errors.New("there is no command"))
	}
	if isHelp(args[0]) {
		fmt.Fprint(s.Out, manual())
		return exitOK
	}
	cmd, rest, err := findCommand(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(s.Out, part(cmd.Part))
		return exitOK
	case err != nil:
		return misused(s, "onexctl", err)
	}
	do, err := cmd.Parse(rest)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(s.Out, part(cmd.Part))
		return exitOK
	case err != nil:
		return misused(s, "onexctl "+cmd.Name, err)
	}
	return exitCode(cmd, s, do)
}

// exitCode does what the command is there for, until it is done or interrupted.
func exitCode(cmd command.Command, s terminal.Streams, do func(context.Context, terminal.Streams) (bool, error)) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // so that a second signal ends what does not end
	good, err := do(ctx, s)
	var wrong *command.UsageError
	switch {
	case errors.As(err, &wrong):
		return misused(s, "onexctl "+cmd.Name, err)
	case err != nil && ctx.Err() != nil:
		s.Say("onexctl "+cmd.Name, "interrupted")
		return exitError
	case err != nil:
		s.Say("onexctl "+cmd.Name, "%v", err)
		return exitError
	case !good:
		return exitBad
	default:
		return exitOK
	}
}

func misused(s terminal.Streams, name string, err error) int {
	s.Say(name, "%v; %s -h shows the manual", err, name)
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
