package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
)

// command is one thing that onexctl does.
type command struct {
	name  string                     // of one word or two
	part  string                     // the heading of its part of the manual
	setUp func(*flag.FlagSet) action // declares its flags
}

// action does it, when the flags are parsed. good is false if what it has found
// is not well; an error says why it could not find out.
type action func(ctx context.Context, s streams, args []string) (good bool, err error)

// commands are all there are, in the manual's order.
var commands = []command{
	{"tail", "Tail", setUpTail},
	{"dlq list", "Dead letters", setUpDLQList},
	{"dlq show", "Dead letters", setUpDLQShow},
	{"dlq replay", "Dead letters", setUpDLQReplay},
	{"spool list", "Spools", setUpSpoolList},
	{"spool verify", "Spools", setUpSpoolVerify},
	{"spool drain", "Spools", setUpSpoolDrain},
	{"topics plan", "Topics", setUpTopicsPlan},
	{"topics apply", "Topics", setUpTopicsApply},
	{"check", "Check", setUpCheck},
}

// usageError is a mistake on the command line that shows after it was parsed.
type usageError struct{ fault string }

func (e *usageError) Error() string { return e.fault }

func misuse(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// findCommand finds the command that args begin with, and returns what follows.
// The error is flag.ErrHelp if the first word of one is followed by -h.
func findCommand(args []string) (command, []string, error) {
	var siblings []string
	for _, cmd := range commands {
		words := strings.Fields(cmd.name)
		switch {
		case len(args) >= len(words) && slices.Equal(args[:len(words)], words):
			return cmd, args[len(words):], nil
		case args[0] != words[0]:
		case len(args) > 1 && isHelp(args[1]):
			return cmd, nil, flag.ErrHelp
		default:
			siblings = append(siblings, words[1])
		}
	}
	if len(siblings) > 0 {
		return command{}, nil, fmt.Errorf("%s is followed by one of %s", args[0], strings.Join(siblings, ", "))
	}
	return command{}, nil, fmt.Errorf("there is no command %q", args[0])
}

func isHelp(arg string) bool {
	return slices.Contains([]string{"-h", "-help", "--help", "help"}, arg)
}

// parse reads the command's flags, and returns what there is to do.
func (cmd command) parse(args []string) (func(context.Context, streams) (bool, error), error) {
	flags := flag.NewFlagSet("onexctl "+cmd.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	do := cmd.setUp(flags)
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	for _, arg := range flags.Args() {
		if strings.HasPrefix(arg, "-") && arg != "-" {
			return nil, fmt.Errorf("flag %s stands behind an argument; write it in front", arg)
		}
	}
	return func(ctx context.Context, s streams) (bool, error) { return do(ctx, s, flags.Args()) }, nil
}
