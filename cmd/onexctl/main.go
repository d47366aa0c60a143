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
	if len(args) == 2 && args[0] == complete {
		printCompletions(args[1], s.Out)
		return exitOK
	}
	if len(args) == 1 && strings.TrimLeft(args[0], "-") == "version" {
		args = []string{"version"} // as other tools have it
	}
	cmd, rest, err := command.Find(commands, args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(s.Out, help(cmd))
		return exitOK
	case err != nil:
		return misused(s, "onexctl", err)
	}
	do, err := cmd.Parse(rest)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(s.Out, help(cmd))
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
	var absent *command.AbsentError
	switch {
	case errors.As(err, &absent):
		s.Say("onexctl "+cmd.Name, "%v", err)
		return exitBad
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

// help is what the manual says about a command, or all of it.
func help(cmd command.Command) string {
	if cmd.Name == "" {
		return manual()
	}
	parts := make([]string, len(cmd.Parts))
	for i, heading := range cmd.Parts {
		_, text, _ := strings.Cut(manual(), "\n# "+heading+"\n\n")
		text, _, _ = strings.Cut(text, "\n# ")
		parts[i] = strings.TrimRight(text, "\n") + "\n"
		if i > 0 {
			parts[i] = heading + "\n\n" + parts[i]
		}
	}
	return strings.Join(parts, "\n")
}
