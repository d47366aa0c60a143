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

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/cmd/onexevents/internal/starters"
	"github.com/omninode-ai/onexevents/emit"
)

func runNew(args []string, stdout, stderr io.Writer) int {
	opts, err := parseNew(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return run([]string{"-h"}, stdout, stderr)
	case err != nil:
		fmt.Fprintf(stderr, "onexevents: %v; onexevents -h shows the manual\n", err)
		return exitError
	}
	place, err := placeForNew(opts)
	if err == nil && opts.Contract != "" {
		opts.Source, err = readContract(opts.Contract)
	}
	if err != nil {
		fmt.Fprintln(stderr, said(err))
		return exitFault
	}
	s, notes, err := starters.Of(opts)
	var files []emit.GeneratedFile
	if err == nil {
		s.Generate = place.generate
		files, err = emit.NewPackage(s)
		err = placed(err, s.Node)
	}
	if err != nil {
		fmt.Fprintln(stderr, said(err))
		if opts.Contract == "" || isOfFlag(err) {
			return exitError
		}
		return exitFault
	}
	if err := writeNew(opts.Dir, files); err != nil {
		fmt.Fprintln(stderr, said(err))
		return exitFault
	}
	for _, f := range files {
		fmt.Fprintln(stdout, filepath.Join(opts.Dir, f.Name))
	}
	for _, note := range notes {
		fmt.Fprintln(stderr, relative(note))
	}
	if place.get != "" {
		fmt.Fprintf(stderr, "onexevents: %s does not require onexevents yet; run %s\n", shortened(place.module), place.get)
	}
	return exitOK
}

func parseNew(args []string) (starters.Options, error) {
	var opts starters.Options
	flags := flag.NewFlagSet("onexevents new", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&opts.Contract, "contract", "", "")
	flags.StringVar(&opts.Type, "type", "", "")
	flags.StringVar(&opts.Service, "service", "", "")
	flags.StringVar(&opts.Name, "name", "", "")
	flags.Func("op", "", func(op string) error {
		opts.Operations = append(opts.Operations, op)
		return nil
	})
	flags.StringVar(&opts.State, "state", "", "")
	flags.StringVar(&opts.Metric, "metric", "", "")
	if err := flags.Parse(args); err != nil {
		return starters.Options{}, meant(err, flags)
	}
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	for _, other := range []string{"type", "op", "state", "metric"} {
		if given["contract"] && given[other] {
			return starters.Options{}, fmt.Errorf("a contract says itself what -%s would; drop one of them", other)
		}
	}
	if !given["contract"] {
		for _, needed := range []struct{ name, remedy string }{
			{"type", strings.Join(annotate.NodeTypes, ", ")},
			{"service", "the service that the node belongs to"},
			{"op", "an operation, such as 'stamp(Document,Stamp)'"},
		} {
			if !given[needed.name] {
				return starters.Options{}, fmt.Errorf("-%s is missing; give %s, or a -contract", needed.name, needed.remedy)
			}
		}
	}
	if opts.Metric != "" && opts.Metric != "false" {
		return starters.Options{}, errors.New("-metric is false or not there at all; write -metric=false or drop it")
	}
	switch rest := flags.Args(); {
	case len(rest) == 0:
		return starters.Options{}, errors.New("the folder of the new package is missing; name it behind the flags")
	case len(rest) > 1 && strings.HasPrefix(rest[1], "-"):
		return starters.Options{}, fmt.Errorf("flag %s stands behind the folder; write it in front", rest[1])
	case len(rest) > 1:
		return starters.Options{}, fmt.Errorf("new makes one package, and %s and %s are two folders; name one", rest[0], rest[1])
	default:
		opts.Dir = rest[0]
		return opts, nil
	}
}

func readContract(name string) ([]byte, error) {
	src, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read (%w); name a contract.yaml", name, cause(err))
	}
	return src, nil
}

// newPlace is where a new package comes to.
type newPlace struct {
	module   string // its go.mod
	generate string // what go:generate runs there
	get      string // what has the module require onexevents, "" if it does
}

// placeForNew finds out whether a package can be made.
func placeForNew(opts starters.Options) (newPlace, error) {
	const remedy = "name a folder that is empty, or not there yet"
	entries, err := entriesOf(opts.Dir)
	if err != nil {
		return newPlace{}, fmt.Errorf("%s cannot be the folder of a new package (%w); %s", opts.Dir, cause(err), remedy)
	}
	for _, entry := range entries {
		if !isOfRoot(entry.Name()) && !isSame(filepath.Join(opts.Dir, entry.Name()), opts.Contract) {
			return newPlace{}, fmt.Errorf("there is something in %s already, such as %s, and nothing is overwritten; %s", opts.Dir, entry.Name(), remedy)
		}
	}
	dir, err := filepath.Abs(opts.Dir)
	if err != nil {
		return newPlace{}, err
	}
	root := annotate.ModuleDir(dir)
	if root == "" {
		return newPlace{}, fmt.Errorf("%s would be in no module; run go mod init example.com/<module> where that is to be, and this again", opts.Dir)
	}
	if err := importable(root, dir); err != nil {
		return newPlace{}, fmt.Errorf("%q cannot be the folder of a package (%w); name another", opts.Dir, err)
	}
	place := newPlace{module: filepath.Join(root, "go.mod"), generate: "onexevents"}
	content, err := os.ReadFile(place.module)
	if err != nil {
		return newPlace{}, err
	}
	mod, err := modfile.Parse(place.module, content, nil)
	if err != nil {
		return newPlace{}, err
	}
	const ours, tool = "github.com/omninode-ai/onexevents", "github.com/omninode-ai/onexevents/cmd/onexevents"
	isTool := slices.ContainsFunc(mod.Tool, func(t *modfile.Tool) bool { return t.Path == tool })
	requires := slices.ContainsFunc(mod.Require, func(r *modfile.Require) bool { return r.Mod.Path == ours })
	if !requires && (mod.Module == nil || mod.Module.Mod.Path != ours) {
		place.get = "go get -tool " + tool + "@latest"
	}
	if isTool || place.get != "" {
		place.generate = "go tool onexevents"
	}
	return place, nil
}

// isOfRoot tells files that a module has before its first package, and the hidden
// ones that others keep.
func isOfRoot(name string) bool {
	return strings.HasPrefix(name, ".") || slices.Contains([]string{"go.mod", "go.sum", "go.work", "go.work.sum"}, name)
}

// importable says why Go would not take a folder of a module for one of a package.
// It would refuse the whole module because of it.
func importable(root, dir string) error {
	rel, err := filepath.Rel(root, dir)
	if err != nil || rel == "." {
		return err
	}
	if slices.Contains(strings.Split(filepath.ToSlash(rel), "/"), "vendor") {
		return errors.New("vendor is for packages of others")
	}
	var invalid *module.InvalidPathError
	if err := module.CheckImportPath(filepath.ToSlash(rel)); errors.As(err, &invalid) {
		return invalid.Err
	}
	return nil
}

func isSame(a, b string) bool {
	one, errA := os.Stat(a)
	other, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(one, other)
}

// isOfFlag tells mistakes in a flag.
func isOfFlag(err error) bool {
	var diags annotate.Diagnostics
	return errors.As(err, &diags) && strings.HasPrefix(diags[0].Pos.Filename, "-")
}

// placed is an error of a node that is in no file yet.
func placed(err error, n *annotate.Node) error {
	var diags annotate.Diagnostics
	if !errors.As(err, &diags) {
		return err
	}
	for i := range diags {
		if diags[i].Pos.Filename == "" {
			diags[i].Message = n.Name + ": " + strings.TrimPrefix(diags[i].Message, "node "+n.Name+": ")
		}
	}
	return diags
}

// writeNew writes the files into a folder that has none of them: all or none.
func writeNew(dir string, files []emit.GeneratedFile) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("%s cannot be made (%w); name another folder", dir, cause(err))
	}
	for i, file := range files {
		name := filepath.Join(dir, file.Name)
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if err == nil {
			_, err = f.Write(file.Source)
			err = errors.Join(err, f.Close())
			if err != nil {
				os.Remove(name)
			}
		}
		if err != nil {
			for _, written := range files[:i] {
				os.Remove(filepath.Join(dir, written.Name))
			}
			return fmt.Errorf("%s cannot be written (%w), and so nothing is; name another folder", name, cause(err))
		}
	}
	return nil
}
