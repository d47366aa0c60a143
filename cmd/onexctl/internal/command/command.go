package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
)

// Command is one thing that onexctl does.
type Command struct {
	Name  string                     // of one word or two
	Parts []string                   // the headings of its parts of the manual
	SetUp func(*flag.FlagSet) Action // declares its flags

	// Complete returns what a flag, or with "" an argument, may be, when flags
	// are parsed. It may be nil.
	Complete func(ctx context.Context, flags *flag.FlagSet, name string) []string
}

// Action does it, when the flags are parsed. good is false if what it has found
// is not well; an error says why it could not find out.
type Action func(ctx context.Context, s terminal.Streams, args []string) (good bool, err error)

// UsageError is a mistake on the command line that shows after it was parsed.
type UsageError struct{ fault string }

func (e *UsageError) Error() string { return e.fault }

// Misuse is the error for a command line that cannot be meant.
func Misuse(format string, args ...any) error { return &UsageError{fmt.Sprintf(format, args...)} }

// AbsentError says that what was asked for is not there; a command has looked, and
// its exit code is that of what is not well.
type AbsentError struct{ fault string }

func (e *AbsentError) Error() string { return e.fault }

// Absent is the error for something that is not there.
func Absent(format string, args ...any) error { return &AbsentError{fmt.Sprintf(format, args...)} }

// flags returns the command's flags, to be parsed.
func (cmd Command) flags() (*flag.FlagSet, Action) {
	flags := flag.NewFlagSet("onexctl "+cmd.Name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	return flags, cmd.SetUp(flags)
}

// Flags are the command's flags, and whether something has to follow them.
func (cmd Command) Flags() map[string]bool {
	all := map[string]bool{}
	flags, _ := cmd.flags()
	flags.VisitAll(func(f *flag.Flag) { all[f.Name] = takesValue(f) })
	return all
}

// Parse reads the command's flags, which may stand between the arguments, and
// returns what there is to do. The error is flag.ErrHelp if help is asked for.
func (cmd Command) Parse(args []string) (func(context.Context, terminal.Streams) (bool, error), error) {
	flags, do := cmd.flags()
	arguments, err := parse(flags, args)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, s terminal.Streams) (bool, error) { return do(ctx, s, arguments) }, nil
}

const undefined = "flag provided but not defined: -"

func parse(flags *flag.FlagSet, args []string) (arguments []string, err error) {
	for {
		err := flags.Parse(args)
		if err != nil && !errors.Is(err, flag.ErrHelp) {
			if name, isUndefined := strings.CutPrefix(err.Error(), undefined); isUndefined {
				return arguments, undefinedFlag(name, names(flags))
			}
		}
		if err != nil {
			return arguments, err
		}
		rest := flags.Args()
		if n := len(args) - len(rest); len(rest) == 0 || n > 0 && args[n-1] == "--" {
			return append(arguments, rest...), nil
		}
		arguments, args = append(arguments, rest[0]), rest[1:]
	}
}

func undefinedFlag(name string, known []string) error {
	return fmt.Errorf("%s%s%s", undefined, name, DidYouMean("-"+name, known))
}

// names are those of flags, with their hyphen.
func names(flags *flag.FlagSet) (all []string) {
	flags.VisitAll(func(f *flag.Flag) { all = append(all, "-"+f.Name) })
	return all
}

// takesValue tells whether something has to follow a flag.
func takesValue(f *flag.Flag) bool {
	b, ok := f.Value.(interface{ IsBoolFlag() bool })
	return !ok || !b.IsBoolFlag()
}
