package command

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
)

// Command is one thing that onexctl does.
type Command struct {
	Name  string                     // of one word or two
	Part  string                     // the heading of its part of the manual
	SetUp func(*flag.FlagSet) Action // declares its flags
}

// Action does it, when the flags are parsed. good is false if what it has found
// is not well; an error says why it could not find out.
type Action func(ctx context.Context, s terminal.Streams, args []string) (good bool, err error)

// UsageError is a mistake on the command line that shows after it was parsed.
type UsageError struct{ fault string }

func (e *UsageError) Error() string { return e.fault }

// Misuse is the error for a command line that cannot be meant.
func Misuse(format string, args ...any) error { return &UsageError{fmt.Sprintf(format, args...)} }

// Parse reads the command's flags, and returns what there is to do.
func (cmd Command) Parse(args []string) (func(context.Context, terminal.Streams) (bool, error), error) {
	flags := flag.NewFlagSet("onexctl "+cmd.Name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	do := cmd.SetUp(flags)
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	for _, arg := range flags.Args() {
		if strings.HasPrefix(arg, "-") && arg != "-" {
			return nil, fmt.Errorf("flag %s stands behind an argument; write it in front", arg)
		}
	}
	return func(ctx context.Context, s terminal.Streams) (bool, error) { return do(ctx, s, flags.Args()) }, nil
}
