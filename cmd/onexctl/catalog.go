package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// chosen are topics: those of the catalogs that the flag -f names, and those that
// -topic names.
type chosen struct {
	files, names []string
}

func newChosen(flags *flag.FlagSet) *chosen {
	c := &chosen{}
	add := func(list *[]string) func(string) error {
		return func(value string) error {
			*list = append(*list, value)
			return nil
		}
	}
	flags.Func("f", "", add(&c.files))
	flags.Func("topic", "", add(&c.names))
	return c
}

func (c *chosen) isNone() bool { return len(c.files)+len(c.names) == 0 }

// topics returns the topics, with the namespace in them. If none are chosen the
// catalog comes from standard input.
func (c *chosen) topics(stdin io.Reader, namespace string) ([]string, error) {
	files := c.files
	if c.isNone() {
		if isTerminal(stdin) {
			return nil, misuse("there is no catalog; give its file with -f, or pipe it in: onexevents catalog -format json ./... | onexctl …")
		}
		files = []string{"-"}
	}
	all := slices.Clone(c.names)
	for _, file := range files {
		topics, err := readCatalog(file, stdin)
		if err != nil {
			return nil, err
		}
		all = append(all, topics...)
	}
	for i, topic := range all {
		all[i] = strings.ReplaceAll(topic, "{namespace}", namespace)
	}
	return all, nil
}

// readCatalog returns the topics that a catalog has; "-" is standard input. What
// later generators may add to catalogs is no mistake.
func readCatalog(file string, stdin io.Reader) (topics []string, err error) {
	name, text := file, []byte(nil)
	if file == "-" {
		name = "standard input"
		text, err = io.ReadAll(stdin)
	} else {
		text, err = os.ReadFile(file)
	}
	if err != nil {
		return nil, fmt.Errorf("read the catalog: %w", err)
	}
	var catalog struct {
		Nodes *[]struct {
			Topics []string `json:"topics"`
		} `json:"nodes"`
	}
	err = json.Unmarshal(text, &catalog)
	if len(bytes.TrimSpace(text)) == 0 || err == nil && catalog.Nodes == nil {
		return nil, fmt.Errorf("%s is no catalog; make one with onexevents catalog -format json", name)
	}
	if err != nil {
		return nil, fmt.Errorf("%w; make a catalog with onexevents catalog -format json", placed(name, text, err))
	}
	for _, node := range *catalog.Nodes {
		topics = append(topics, node.Topics...)
	}
	return topics, nil
}

// placed says at which line and column of a file an error of decoding JSON is.
func placed(name string, text []byte, err error) error {
	offset, fault, member := int64(0), err, jsontext.Pointer("")
	if e, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		offset, fault = e.ByteOffset, e.Err
	}
	if e, ok := errors.AsType[*json.SemanticError](err); ok {
		offset, fault, member = e.ByteOffset, e.Err, e.JSONPointer
		if fault == nil {
			fault = fmt.Errorf("a %s does not belong there", e.JSONKind)
		}
	}
	before := text[:min(offset, int64(len(text)))]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := len(before) - bytes.LastIndexByte(before, '\n')
	if member != "" {
		return fmt.Errorf("%s:%d:%d: %s: %w", name, line, column, printable(string(member)), fault)
	}
	return fmt.Errorf("%s:%d:%d: %w", name, line, column, fault)
}
