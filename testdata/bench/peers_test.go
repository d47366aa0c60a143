package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/omninode-ai/onexevents/testdata/benchkit"
)

// generator is a tool with the job that it has in the packages of a module that
// hold something for it.
type generator struct {
	name string // of the benchmark
	tool string // import path of its command

	// runs returns the arguments of each process that its manual has for
	// packages at the given paths; as few as it allows.
	runs func(dirs []string) [][]string
}

const onexevents = "github.com/omninode-ai/onexevents/cmd/onexevents"

var command = generator{"onexevents", onexevents, func([]string) [][]string { return [][]string{{"./..."}} }}

var others = []generator{
	{"onexevents_named", onexevents, func(dirs []string) [][]string { return [][]string{prefixed("./", dirs)} }},
	{"onexevents_each", onexevents, func(dirs []string) [][]string { return oneByOne(dirs) }},
	{"stringer", "golang.org/x/tools/cmd/stringer", func(dirs []string) [][]string {
		return oneByOne(dirs, "-type=Level")
	}},
	{"goverter", "github.com/jmattheis/goverter/cmd/goverter", func(dirs []string) [][]string {
		return [][]string{append([]string{"gen"}, prefixed("./", dirs)...)}
	}},
	{"controller_gen", "sigs.k8s.io/controller-tools/cmd/controller-gen", func([]string) [][]string {
		return [][]string{{"object", "paths=./..."}} // naming the packages takes it ten times as long
	}},
	{"mockery", "github.com/vektra/mockery/v3", func([]string) [][]string {
		return [][]string{{"--log-level=error"}} // what to do is in its file
	}},
}

// BenchmarkPeers runs each generator, onexevents and go list -find in turn, and
// reports how many times as long the generator takes, as x-onexevents and
// x-golist. Each has a module with the same 400 packages to itself, 40 of them
// with nodes, and nothing changes from one run to the next.
func BenchmarkPeers(b *testing.B) {
	bin := b.TempDir()
	ours := command.prepare(b, bin)
	dir, _ := writeModule(b)
	list := func() { benchkit.Run(b, dir, nil, "go", "list", "-find", "./...") }
	list()
	b.Run(command.name, func(b *testing.B) {
		medians := benchkit.InTurn(b, ours, list)
		report(b, medians[0], medians[1])
	})
	for _, g := range others {
		job := g.prepare(b, bin)
		b.Run(g.name, func(b *testing.B) {
			medians := benchkit.InTurn(b, job, ours, list)
			report(b, medians[0], medians[2])
			b.ReportMetric(benchkit.Ratio(medians[0], medians[1]), "x-onexevents")
		})
	}
}

func report(b *testing.B, job, list time.Duration) {
	b.ReportMetric(float64(job), "ns/op")
	b.ReportMetric(float64(list), "golist-ns/op")
	b.ReportMetric(benchkit.Ratio(job, list), "x-golist")
}

// prepare builds the generator and lets it generate everything once, and again
// with the files that it has then. It returns the job.
func (g generator) prepare(b *testing.B, bin string) func() {
	b.Helper()
	exe := filepath.Join(bin, g.name+".exe")
	if g.tool == onexevents {
		// With the dependencies that its own module has.
		benchkit.Run(b, filepath.Join("..", ".."), nil, "go", "build", "-o", exe, g.tool)
	} else {
		benchkit.Run(b, ".", nil, "go", "build", "-o", exe, g.tool)
	}
	dir, nodes := writeModule(b)
	before := goFiles(b, dir)
	job := func() {
		for _, args := range g.runs(nodes) {
			benchkit.Run(b, dir, nil, exe, args...)
		}
	}
	job()
	if made := goFiles(b, dir) - before; made != len(nodes) {
		b.Fatalf("%s has generated %d files, want one for each of %d packages", g.name, made, len(nodes))
	}
	if err := benchkit.Settle(dir); err != nil {
		b.Fatal(err)
	}
	job()
	return job
}

// writeModule writes the module with mockery's file in it, and returns its
// folder and its packages with nodes.
func writeModule(b *testing.B) (dir string, nodes []string) {
	b.Helper()
	dir = b.TempDir()
	nodes, err := benchkit.WriteModule(dir, 400)
	if err != nil {
		b.Fatal(err)
	}
	var config strings.Builder
	config.WriteString("template: matryer\nfilename: mocks_test.go\npackages:\n")
	for _, node := range nodes {
		fmt.Fprintf(&config, "  %s/%s:\n    interfaces:\n      Store: {}\n", benchkit.Path, node)
	}
	if err := os.WriteFile(filepath.Join(dir, ".mockery.yml"), []byte(config.String()), 0o666); err != nil {
		b.Fatal(err)
	}
	return dir, nodes
}

func goFiles(b *testing.B, dir string) (n int) {
	b.Helper()
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if filepath.Ext(path) == ".go" {
			n++
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return n
}

func prefixed(prefix string, dirs []string) []string {
	var all []string
	for _, dir := range dirs {
		all = append(all, prefix+dir)
	}
	return all
}

// oneByOne is for tools that take one package.
func oneByOne(dirs []string, args ...string) [][]string {
	var all [][]string
	for _, dir := range dirs {
		all = append(all, append(args[:len(args):len(args)], "./"+dir))
	}
	return all
}
