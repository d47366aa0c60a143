// Package starters turns what the command line of onexevents new says, or a
// contract.yaml, into what [emit.NewPackage] takes. It imports annotate, emit and
// internal/contract, and touches no file.
package starters

import (
	"errors"
	"fmt"
	"go/token"
	"path/filepath"
	"strings"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/cmd/onexevents/internal/contract"
	"github.com/omninode-ai/onexevents/emit"
)

// Options are what the command line says. With a contract, Source is its text, and
// Type, Operations, State and Metric are left out.
type Options struct {
	Contract      string
	Source        []byte
	Type, Service string
	Name          string // of the struct
	Operations    []string
	State, Metric string
	Dir           string // of the package
}

// Of returns what the package begins with, and what its author has to know of it.
func Of(opts Options) (emit.Starter, annotate.Diagnostics, error) {
	var s emit.Starter
	var c contract.Contract
	var err error
	if opts.Contract == "" {
		s, err = described(opts)
	} else if c, err = contract.Read(opts.Contract, opts.Source, opts.Service); err == nil {
		s, err = contracted(opts, c)
	}
	if err != nil {
		return emit.Starter{}, c.Notes, err
	}
	if opts.Name == "" && namesType(s.Node, s.Node.Name) {
		s.Node.Name += "Node"
	}
	return s, c.Notes, nil
}

// namesType tells whether an operation of the node takes or returns a type of that
// name.
func namesType(n *annotate.Node, name string) (is bool) {
	for _, op := range n.Operations {
		for _, t := range []*annotate.Type{op.Input, op.Result} {
			if t != nil {
				t.Names(func(of string, _ int) { is = is || of == name })
			}
		}
	}
	return is
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
func described(opts Options) (emit.Starter, error) {
	name, err := nodeName(opts, "")
	if err != nil {
		return emit.Starter{}, err
	}
	var w words
	w.add("type=", opts.Type, token.Position{Filename: "-type", Line: 1, Column: 1}, true)
	w.add("service=", opts.Service, token.Position{Filename: "-service", Line: 1, Column: 1}, true)
	for i, op := range opts.Operations {
		w.add("", op, token.Position{Filename: "-op", Line: i + 1, Column: 1}, true)
	}
	n, err := w.node(name)
	if err != nil {
		return emit.Starter{}, err
	}
	s := emit.Starter{Node: n}
	n.NoState = n.NoState || opts.State == "false"
	n.NoMetric = n.NoMetric || opts.Metric == "false"
	if !n.NoState && opts.State != "" {
		states := strings.Split(opts.State, ",")
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
func contracted(opts Options, c contract.Contract) (emit.Starter, error) {
	name, err := nodeName(opts, c.Name)
	if err != nil {
		return emit.Starter{}, err
	}
	if c.Service.Text == "" {
		return emit.Starter{}, fmt.Errorf("no topic in %s shows the service that the node belongs to; add -service", opts.Contract)
	}
	if opts.Service != "" {
		c.Service.Pos = token.Position{Filename: "-service", Line: 1, Column: 1}
	}
	var w words
	w.add("type=", c.Type.Text, c.Type.Pos, false)
	w.add("service=", c.Service.Text, c.Service.Pos, opts.Service != "")
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
func nodeName(opts Options, inContract string) (string, error) {
	name, from := opts.Name, "-name"
	if name == "" && inContract != "" {
		name, from = emit.GoName(inContract), opts.Contract
	}
	if name == "" {
		dir, err := filepath.Abs(opts.Dir)
		if err != nil {
			return "", err
		}
		notInName := func(r rune) rune {
			if strings.ContainsRune("-. ", r) {
				return '_'
			}
			return r
		}
		name, from = emit.GoName(strings.Trim(annotate.SnakeCase(strings.Map(notInName, filepath.Base(dir))), "_")), opts.Dir
	}
	if !token.IsExported(name) || !token.IsIdentifier(name) {
		return "", fmt.Errorf("%s: %q is no name for the node's struct; write an exported Go name with -name, such as Stamper", from, name)
	}
	return name, nil
}
