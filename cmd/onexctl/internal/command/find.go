package command

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
)

// Find finds the command that args are for, and returns its flags and arguments:
// flags may stand before the command too. The error is flag.ErrHelp if help is
// asked for; then the command is one that it is about, or has no name.
func Find(all []Command, args []string) (Command, []string, error) {
	if len(args) > 1 && args[0] == "help" {
		args = append(slices.Clone(args[1:]), "-h")
	}
	var before, words []string
	for len(args) > 0 {
		arg := args[0]
		switch {
		case isHelp(arg) && len(words) == 0:
			return Command{}, nil, flag.ErrHelp
		case isHelp(arg):
			return group(within(all, words)), nil, flag.ErrHelp
		case strings.HasPrefix(arg, "-") && arg != "-" && arg != "--":
			n, err := length(all, args)
			if err != nil {
				return Command{}, nil, err
			}
			before, args = append(before, args[:n]...), args[n:]
			continue
		}
		words, args = append(words, arg), args[1:]
		found := within(all, words)
		switch {
		case len(found) == 0:
			return Command{}, nil, unknown(all, words)
		case len(found) == 1 && found[0].Name == strings.Join(words, " "):
			return found[0], append(before, args...), nil
		}
	}
	if len(words) > 0 {
		return Command{}, nil, fmt.Errorf("%s is followed by one of %s", strings.Join(words, " "), strings.Join(next(all, words), ", "))
	}
	return Command{}, nil, errors.New("there is no command")
}

func isHelp(arg string) bool {
	return slices.Contains([]string{"-h", "-help", "--help", "help"}, arg)
}

// group is what the commands of a group have to say together.
func group(commands []Command) Command {
	together := commands[0]
	together.Parts = nil
	for i := range 3 { // first what is of each, then what they have in common
		for _, cmd := range commands {
			if i < len(cmd.Parts) && !slices.Contains(together.Parts, cmd.Parts[i]) {
				together.Parts = append(together.Parts, cmd.Parts[i])
			}
		}
	}
	return together
}

// within are the commands that begin with these words.
func within(all []Command, words []string) []Command {
	return slices.DeleteFunc(slices.Clone(all), func(cmd Command) bool {
		name := strings.Fields(cmd.Name)
		return len(name) < len(words) || !slices.Equal(name[:len(words)], words)
	})
}

// next are the words that can follow.
func next(all []Command, words []string) (following []string) {
	for _, cmd := range within(all, words) {
		if name := strings.Fields(cmd.Name); len(name) > len(words) && !slices.Contains(following, name[len(words)]) {
			following = append(following, name[len(words)])
		}
	}
	return following
}

func unknown(all []Command, words []string) error {
	before, word := words[:len(words)-1], words[len(words)-1]
	known := next(all, before)
	if len(before) > 0 {
		return fmt.Errorf("%s is followed by one of %s, and not by %q%s", strings.Join(before, " "), strings.Join(known, ", "), word, DidYouMean(word, known))
	}
	return fmt.Errorf("there is no command %q%s", word, DidYouMean(word, known))
}

// length is how many args belong to the flag that is the first of them: whatever
// command it is for, it takes as many.
func length(all []Command, args []string) (int, error) {
	name, _, hasValue := strings.Cut(strings.TrimLeft(args[0], "-"), "=")
	var known []string
	for _, cmd := range all {
		flags, _ := cmd.flags()
		if f := flags.Lookup(name); f != nil {
			if hasValue || !takesValue(f) {
				return 1, nil
			}
			return min(2, len(args)), nil
		}
		known = append(known, names(flags)...)
	}
	return 0, undefinedFlag(name, known)
}
