package main

import (
	"flag"
	"fmt"
	"slices"
	"strings"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/check"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/command"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/deadletters"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/spools"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/tail"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/topics"
)

// commands are all there are, in the manual's order.
var commands = []command.Command{
	{Name: "tail", Part: "Tail", SetUp: tail.SetUp},
	{Name: "dlq list", Part: "Dead letters", SetUp: deadletters.SetUpList},
	{Name: "dlq show", Part: "Dead letters", SetUp: deadletters.SetUpShow},
	{Name: "dlq replay", Part: "Dead letters", SetUp: deadletters.SetUpReplay},
	{Name: "spool list", Part: "Spools", SetUp: spools.SetUpList},
	{Name: "spool verify", Part: "Spools", SetUp: spools.SetUpVerify},
	{Name: "spool drain", Part: "Spools", SetUp: spools.SetUpDrain},
	{Name: "topics plan", Part: "Topics", SetUp: topics.SetUpPlan},
	{Name: "topics apply", Part: "Topics", SetUp: topics.SetUpApply},
	{Name: "check", Part: "Check", SetUp: check.SetUp},
}

// findCommand finds the command that args begin with, and returns what follows.
// The error is flag.ErrHelp if the first word of one is followed by -h.
func findCommand(args []string) (command.Command, []string, error) {
	var siblings []string
	for _, cmd := range commands {
		words := strings.Fields(cmd.Name)
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
		return command.Command{}, nil, fmt.Errorf("%s is followed by one of %s", args[0], strings.Join(siblings, ", "))
	}
	return command.Command{}, nil, fmt.Errorf("there is no command %q", args[0])
}

func isHelp(arg string) bool {
	return slices.Contains([]string{"-h", "-help", "--help", "help"}, arg)
}
