package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/check"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/cluster"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/command"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/deadletters"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/spools"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/tail"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/topics"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/trace"
)

// commands are all there are, in the manual's order.
var commands = []command.Command{
	{Name: "tail", Parts: []string{"Tail", "Connection"}, SetUp: tail.SetUp, Complete: tail.Complete},
	{Name: "trace", Parts: []string{"Trace", "Connection"}, SetUp: trace.SetUp, Complete: trace.Complete},
	{Name: "dlq list", Parts: []string{"List dead letters", "Dead letters", "Connection"}, SetUp: deadletters.SetUpList, Complete: deadletters.Complete},
	{Name: "dlq show", Parts: []string{"Show dead letters", "Dead letters", "Connection"}, SetUp: deadletters.SetUpShow, Complete: deadletters.Complete},
	{Name: "dlq replay", Parts: []string{"Replay dead letters", "Dead letters", "Connection"}, SetUp: deadletters.SetUpReplay, Complete: deadletters.Complete},
	{Name: "dlq discard", Parts: []string{"Discard dead letters", "Dead letters", "Connection"}, SetUp: deadletters.SetUpDiscard, Complete: deadletters.Complete},
	{Name: "spool list", Parts: []string{"List a spool", "Spools"}, SetUp: spools.SetUpList},
	{Name: "spool verify", Parts: []string{"Verify a spool", "Spools"}, SetUp: spools.SetUpVerify},
	{Name: "spool drain", Parts: []string{"Drain a spool", "Spools", "Connection"}, SetUp: spools.SetUpDrain},
	{Name: "topics plan", Parts: []string{"Topics", "Connection"}, SetUp: topics.SetUpPlan, Complete: cluster.CompleteTopics},
	{Name: "topics apply", Parts: []string{"Topics", "Connection"}, SetUp: topics.SetUpApply, Complete: cluster.CompleteTopics},
	{Name: "check", Parts: []string{"Check", "Connection"}, SetUp: check.SetUp, Complete: cluster.CompleteTopics},
	{Name: "completion", Parts: []string{"Completion"}, SetUp: command.NoFlags(completion), Complete: shells},
	{Name: "man", Parts: []string{"Manual page"}, SetUp: command.NoFlags(man)},
	{Name: "version", Parts: []string{"Version"}, SetUp: setUpVersion},
}

// complete is the name of a command that is for the shells' scripts, and in no
// manual.
const complete = "__complete"

func printCompletions(line string, out io.Writer) {
	for _, word := range command.Complete(context.Background(), commands, line) {
		fmt.Fprintln(out, word)
	}
}

func shells(context.Context, *flag.FlagSet, string) []string { return command.Shells() }

func completion(_ context.Context, s terminal.Streams, args []string) (bool, error) {
	if len(args) == 1 {
		if script, ok := command.Script(args[0]); ok {
			_, err := io.WriteString(s.Out, script)
			return true, err
		}
	}
	return false, command.Misuse("name one shell: %s", strings.Join(command.Shells(), ", "))
}
