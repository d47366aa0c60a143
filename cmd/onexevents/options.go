package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/omninode-ai/onexevents/annotate"
)

// The exit codes, which the manual explains.
const (
	exitOK    = 0
	exitFault = 1 // something is wrong in the packages or with the files
	exitError = 2 // wrong use, and whatever keeps -check from an answer
)

// options are what the command line says.
type options struct {
	check   bool
	watch   bool
	json    bool
	version bool
	tags    string
	targets []target
}

// target is where patterns stand.
type target struct {
	dir      string // "" means the current folder
	patterns []string
}

func parse(args []string) (options, error) {
	var opts options
	flags := flag.NewFlagSet("onexevents", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.BoolVar(&opts.check, "check", false, "")
	flags.BoolVar(&opts.watch, "watch", false, "")
	flags.BoolVar(&opts.json, "json", false, "")
	flags.BoolVar(&opts.version, "version", false, "")
	flags.StringVar(&opts.tags, "tags", "", "")
	if err := flags.Parse(args); err != nil {
		return options{}, meant(err, flags)
	}
	if opts.check && opts.watch {
		return options{}, errors.New("-check and -watch exclude each other; drop one")
	}
	var patterns []string
	for _, arg := range flags.Args() {
		if strings.HasPrefix(arg, "-") {
			return options{}, fmt.Errorf("flag %s stands behind a package; write it in front", arg)
		}
		patterns = append(patterns, arg)
	}
	if len(patterns) > 0 {
		if err := unknownCommand(patterns[0]); err != nil {
			return options{}, err
		}
	}
	opts.targets = targetsOf(patterns)
	return opts, nil
}

// meant adds to an error about a flag that there is none the one that may be
// meant.
func meant(err error, flags *flag.FlagSet) error {
	name, unknown := strings.CutPrefix(err.Error(), "flag provided but not defined: -")
	if !unknown {
		return err
	}
	var names []string
	flags.VisitAll(func(f *flag.Flag) { names = append(names, f.Name) })
	for i, word := range names {
		names[i] = "-" + word
	}
	return fmt.Errorf("there is no flag -%s; %s", name, annotate.DidYouMean("-"+strings.TrimLeft(name, "-"), names))
}

// commands are the words that may stand in the place of packages.
var commands = []string{"catalog", "help", "new", "version"}

// unknownCommand is about a word that is no package and seems to be meant as a
// command.
func unknownCommand(word string) error {
	if strings.ContainsAny(word, `./\`) {
		return nil
	}
	did := annotate.DidYouMean(word, commands)
	if slices.Contains(commands, word) || !strings.HasPrefix(did, "did you mean") {
		return nil
	}
	if _, err := os.Stat(word); err == nil {
		return nil
	}
	return fmt.Errorf("there is no command %s; %s", word, did)
}

// targetsOf puts their packages in the place of Go files. Files may be of any
// module, wherever the command runs, as an editor or pre-commit names them.
func targetsOf(patterns []string) []target {
	if len(patterns) == 0 {
		patterns = []string{"."}
	}
	var here target
	var others []target
	current, _ := filepath.Abs(".")
	current = annotate.ModuleDir(current)
	for _, pattern := range patterns {
		if !isFile(pattern) {
			here.patterns = append(here.patterns, pattern)
			continue
		}
		dir, err := filepath.Abs(filepath.Dir(pattern))
		if err != nil {
			dir = filepath.Dir(pattern)
		}
		module := annotate.ModuleDir(dir)
		if module == current && module != "" && len(patterns) > 1 {
			here.patterns = append(here.patterns, dir)
			continue
		}
		same := func(t target) bool { return annotate.ModuleDir(t.dir) == module }
		if i := slices.IndexFunc(others, same); i < 0 {
			others = append(others, target{dir, []string{"."}})
		} else if !slices.Contains(others[i].patterns, dir) && others[i].dir != dir {
			others[i].patterns = append(others[i].patterns, dir)
		}
	}
	if len(here.patterns) > 0 {
		others = append([]target{here}, others...)
	}
	return others
}

func isFile(arg string) bool {
	info, err := os.Stat(arg)
	return err == nil && info.Mode().IsRegular() && strings.HasSuffix(arg, ".go")
}
