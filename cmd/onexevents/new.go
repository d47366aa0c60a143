package main

import (
	"errors"
	"flag"
	"fmt"
	"go/token"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/cmd/onexevents/internal/contract"
	"github.com/omninode-ai/onexevents/emit"
)

// newOptions are what the command line says behind "new".
type newOptions struct {
	contract      string
	typ, service  string
	name          string
	operations    []string
	state, metric string
	dir           string
}

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
	if err != nil {
		fmt.Fprintln(stderr, said(err))
		return exitFault
	}
	s, notes, err := starterOf(opts)
	var files []emit.GeneratedFile
	if err == nil {
		s.Generate = place.generate
		files, err = emit.NewPackage(s)
		err = placed(err, s.Node)
	}
	if err != nil {
		fmt.Fprintln(stderr, said(err))
		if opts.contract == "" || isOfFlag(err) {
			return exitError
		}
		return exitFault
	}
	if err := writeNew(opts.dir, files); err != nil {
		fmt.Fprintln(stderr, said(err))
		return exitFault
	}
	for _, f := range files {
		fmt.Fprintln(stdout, filepath.Join(opts.dir, f.Name))
	}
	for _, note := range notes {
		fmt.Fprintln(stderr, relative(note))
	}
	if place.get != "" {
		fmt.Fprintf(stderr, "onexevents: %s does not require onexevents yet; run %s\n", shortened(place.module), place.get)
	}
	return exitOK
}

func parseNew(args []string) (newOptions, error) {
	var opts newOptions
	flags := flag.NewFlagSet("onexevents new", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&opts.contract, "contract", "", "")
	flags.StringVar(&opts.typ, "type", "", "")
	flags.StringVar(&opts.service, "service", "", "")
	flags.StringVar(&opts.name, "name", "", "")
	flags.Func("op", "", func(op string) error {
		opts.operations = append(opts.operations, op)
		return nil
	})
	flags.StringVar(&opts.state, "state", "", "")
	flags.StringVar(&opts.metric, "metric", "", "")
	if err := flags.Parse(args); err != nil {
		return newOptions{}, meant(err, flags)
	}
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	for _, other := range []string{"type", "op", "state", "metric"} {
		if given["contract"] && given[other] {
			return newOptions{}, fmt.Errorf("a contract says itself what -%s would; drop one of them", other)
		}
	}
	if !given["contract"] {
		for _, needed := range []struct{ name, remedy string }{
			{"type", strings.Join(annotate.NodeTypes, ", ")},
			{"service", "the service that the node belongs to"},
			{"op", "an operation, such as 'stamp(Document,Stamp)'"},
		} {
			if !given[needed.name] {
				return newOptions{}, fmt.Errorf("-%s is missing; give %s, or a -contract", needed.name, needed.remedy)
			}
		}
	}
	if opts.metric != "" && opts.metric != "false" {
		return newOptions{}, errors.New("-metric is false or not there at all; write -metric=false or drop it")
	}
	switch rest := flags.Args(); {
	case len(rest) == 0:
		return newOptions{}, errors.New("the folder of the new package is missing; name it behind the flags")
	case len(rest) > 1 && strings.HasPrefix(rest[1], "-"):
		return newOptions{}, fmt.Errorf("flag %s stands behind the folder; write it in front", rest[1])
	case len(rest) > 1:
		return newOptions{}, fmt.Errorf("new makes one package, and %s and %s are two folders; name one", rest[0], rest[1])
	default:
		opts.dir = rest[0]
		return opts, nil
	}
}

// newPlace is where a new package comes to.
type newPlace struct {
	module   string // its go.mod
	generate string // what go:generate runs there
	get      string // what has the module require onexevents, "" if it does
}

// placeForNew finds out whether a package can be made.
func placeForNew(opts newOptions) (newPlace, error) {
	const remedy = "name a folder that is empty, or not there yet"
	entries, err := os.ReadDir(opts.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return newPlace{}, fmt.Errorf("%s cannot be the folder of a new package (%w); %s", opts.dir, cause(err), remedy)
	}
	for _, entry := range entries {
		if !isSame(filepath.Join(opts.dir, entry.Name()), opts.contract) {
			return newPlace{}, fmt.Errorf("there is something in %s already, such as %s, and nothing is overwritten; %s", opts.dir, entry.Name(), remedy)
		}
	}
	dir, err := filepath.Abs(opts.dir)
	if err != nil {
		return newPlace{}, err
	}
	root := annotate.ModuleDir(dir)
	if root == "" {
		return newPlace{}, fmt.Errorf("%s would be in no module; run go mod init example.com/<module> where that is to be, and this again", opts.dir)
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

func isSame(a, b string) bool {
	one, errA := os.Stat(a)
	other, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(one, other)
}

// starterOf returns what the package begins with, and what its author has to know
// of it.
func starterOf(opts newOptions) (emit.Starter, annotate.Diagnostics, error) {
	if opts.contract == "" {
		s, err := described(opts)
		return s, nil, err
	}
	src, err := os.ReadFile(opts.contract)
	if err != nil {
		return emit.Starter{}, nil, fmt.Errorf("%s cannot be read (%w); name a contract.yaml", opts.contract, cause(err))
	}
	c, err := contract.Read(opts.contract, src, opts.service)
	if err != nil {
		return emit.Starter{}, nil, err
	}
	s, err := contracted(opts, c)
	return s, c.Notes, err
}

// words are what a directive says, piece by piece, and where each comes from.
type words struct {
	text   strings.Builder
	pieces []piece
}

type piece struct {
	from  int // its first column in the directive
	pos   token.Position
	exact bool // its columns are those of pos, which is of its first
}

func (w *words) add(prefix, text string, pos token.Position, exact bool) {
	w.text.WriteString(" " + prefix)
	w.pieces = append(w.pieces, piece{w.text.Len() + 1, pos, exact})
	w.text.WriteString(text)
}

// place turns a column of the directive into the place that it comes from.
func (w *words) place(pos token.Position) token.Position {
	i := 0
	for i+1 < len(w.pieces) && w.pieces[i+1].from <= pos.Column {
		i++
	}
	p := w.pieces[i]
	if p.exact {
		p.pos.Column += max(0, pos.Column-p.from)
	}
	return p.pos
}

// node reads the words as a directive.
func (w *words) node(name string) (*annotate.Node, error) {
	n, err := annotate.ParseDirective(w.text.String(), emit.StarterImports()...)
	var diags annotate.Diagnostics
	if errors.As(err, &diags) {
		for i := range diags {
			diags[i].Pos = w.place(diags[i].Pos)
			if what, _, ok := strings.Cut(diags[i].Message, "; import it in this file"); ok {
				diags[i].Message = what + "; name a type of the new package, or of time, encoding/json, net/url or google/uuid"
			}
		}
		return nil, diags.Err()
	}
	if err != nil {
		return nil, err
	}
	n.Name = name
	for i := range n.Operations {
		n.Operations[i].Pos = w.place(n.Operations[i].Pos)
	}
	n.ServicePos, n.Pos = w.place(n.ServicePos), token.Position{}
	return n, nil
}

// described returns the package that flags describe. The places in them are the
// flag, which of those of that name, and the column in its value.
func described(opts newOptions) (emit.Starter, error) {
	name, err := nodeName(opts, "")
	if err != nil {
		return emit.Starter{}, err
	}
	var w words
	w.add("type=", opts.typ, token.Position{Filename: "-type", Line: 1, Column: 1}, true)
	w.add("service=", opts.service, token.Position{Filename: "-service", Line: 1, Column: 1}, true)
	for i, op := range opts.operations {
		w.add("", op, token.Position{Filename: "-op", Line: i + 1, Column: 1}, true)
	}
	n, err := w.node(name)
	if err != nil {
		return emit.Starter{}, err
	}
	s := emit.Starter{Node: n}
	n.NoState = n.NoState || opts.state == "false"
	n.NoMetric = n.NoMetric || opts.metric == "false"
	if !n.NoState && opts.state != "" {
		states := strings.Split(opts.state, ",")
		for i, state := range states {
			s.States = append(s.States, emit.StarterState{Name: strings.TrimSpace(state)})
			if i > 0 {
				s.States[i-1].Next = []string{s.States[i].Name}
			}
		}
	}
	return s, nil
}

// contracted returns the package of a contract.
func contracted(opts newOptions, c contract.Contract) (emit.Starter, error) {
	name, err := nodeName(opts, c.Name)
	if err != nil {
		return emit.Starter{}, err
	}
	if c.Service.Text == "" {
		return emit.Starter{}, fmt.Errorf("no topic in %s shows the service that the node belongs to; add -service", opts.contract)
	}
	if opts.service != "" {
		c.Service.Pos = token.Position{Filename: "-service", Line: 1, Column: 1}
	}
	var w words
	w.add("type=", c.Type.Text, c.Type.Pos, false)
	w.add("service=", c.Service.Text, c.Service.Pos, opts.service != "")
	for _, op := range c.Operations {
		head, goName := op.Name, emit.GoName(op.Name)
		if op.Version > 0 {
			head += fmt.Sprintf("@%d", op.Version)
			goName += fmt.Sprintf("V%d", op.Version)
		}
		if op.Input == "" {
			op.Input = goName + "Input"
		}
		if op.Result == "" {
			op.Result = goName + "Result"
		}
		w.add("", head+"("+op.Input+","+op.Result+")", op.Pos, false)
	}
	n, err := w.node(name)
	if err != nil {
		return emit.Starter{}, err
	}
	n.Doc, n.NoState, n.NoMetric = c.Doc, !c.State, !c.Metric
	s := emit.Starter{Node: n}
	for _, state := range c.States {
		s.States = append(s.States, emit.StarterState(state))
	}
	return s, nil
}

// nodeName returns the name of the struct: that of the flag, of the contract, or
// of the folder.
func nodeName(opts newOptions, inContract string) (string, error) {
	name, from := opts.name, "-name"
	if name == "" && inContract != "" {
		name, from = emit.GoName(inContract), opts.contract
	}
	if name == "" {
		dir, err := filepath.Abs(opts.dir)
		if err != nil {
			return "", err
		}
		notInName := func(r rune) rune {
			if strings.ContainsRune("-. ", r) {
				return '_'
			}
			return r
		}
		name, from = emit.GoName(strings.Trim(annotate.SnakeCase(strings.Map(notInName, filepath.Base(dir))), "_")), opts.dir
	}
	if !token.IsExported(name) || !token.IsIdentifier(name) {
		return "", fmt.Errorf("%s: %q is no name for the node's struct; write an exported Go name with -name, such as Stamper", from, name)
	}
	return name, nil
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
