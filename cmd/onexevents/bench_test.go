package main

import (
	"bytes"
	"context"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/omninode-ai/onexevents/emit"
	"github.com/omninode-ai/onexevents/testdata/benchkit"
)

// BenchmarkCommand runs the command and go list -find in turn on the same
// packages, and reports how many times as long the command takes, as x-golist:
//
//	go test ./cmd/onexevents -run '^$' -bench Command -benchtime 10x -count 6
//
// testdata/bench/README.md has the bars, and what was measured.
func BenchmarkCommand(b *testing.B) {
	exe := filepath.Join(b.TempDir(), "onexevents.exe")
	benchkit.Run(b, ".", nil, "go", "build", "-o", exe, ".")
	b.Run("package", func(b *testing.B) {
		root, nodes := writeModule(b, 10)
		contest{exe, filepath.Join(root, filepath.FromSlash(nodes[0])), "."}.run(b, nil)
	})
	b.Run("bare", func(b *testing.B) {
		contest{exe, writePackage(b, bareFile), "."}.run(b, nil)
	})
	b.Run("module", func(b *testing.B) {
		root, _ := writeModule(b, 400)
		contest{exe, root, "./..."}.run(b, nil)
	})
	b.Run("emptycache", func(b *testing.B) {
		contest{exe, writePackage(b, importerFile), "."}.run(b, func() []string {
			return []string{"GOCACHE=" + b.TempDir()}
		})
	})
}

// BenchmarkCatalog writes the catalog of a module of 400 packages in each form, and
// generates these packages, in turn, and reports how many times as long the catalog
// takes, as x-onexevents. Nothing changes from one run to the next.
func BenchmarkCatalog(b *testing.B) {
	exe := filepath.Join(b.TempDir(), "onexevents.exe")
	benchkit.Run(b, ".", nil, "go", "build", "-o", exe, ".")
	root, _ := writeModule(b, 400)
	generate := func() { benchkit.Run(b, root, nil, exe, "./...") }
	generate()
	if err := benchkit.Settle(root); err != nil {
		b.Fatal(err)
	}
	for _, format := range append(slices.Sorted(maps.Keys(emit.Forms)), schemaFormat) {
		b.Run(format, func(b *testing.B) {
			out := filepath.Join(b.TempDir(), "out")
			catalog := func() { benchkit.Run(b, root, nil, exe, "catalog", "-format", format, "-o", out, "./...") }
			catalog()
			generate()
			medians := benchkit.InTurn(b, catalog, generate)
			b.ReportMetric(float64(medians[0]), "ns/op")
			b.ReportMetric(benchkit.Ratio(medians[0], medians[1]), "x-onexevents")
		})
	}
}

// BenchmarkPlan does in the benchmark's own process, where -cpuprofile sees it,
// what the command does with a module of 400 packages.
func BenchmarkPlan(b *testing.B) {
	root, _ := writeModule(b, 400)
	b.Chdir(root)
	opts := options{targets: targetsOf([]string{"./..."})}
	if code := generate(context.Background(), opts, report{stdout: b.Output(), stderr: b.Output()}); code != exitOK {
		b.Fatalf("exit code %d", code)
	}
	if err := benchkit.Settle(root); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		p, err := makePlan(context.Background(), opts)
		if len(p.changes) > 0 || len(p.faults) > 0 || err != nil {
			b.Fatalf("%d changes, %v, %v", len(p.changes), p.faults, err)
		}
	}
}

// contest is the command against go list -find, where there is nothing to write
// any more.
type contest struct{ exe, dir, pattern string }

// run gives each process what env returns, if there is such a function.
func (c contest) run(b *testing.B, env func() []string) {
	job := func(name string, args ...string) func() {
		return func() {
			var vars []string
			if env != nil {
				vars = env()
			}
			benchkit.Run(b, c.dir, vars, name, args...)
		}
	}
	ours, list := job(c.exe, c.pattern), job("go", "list", "-find", c.pattern)
	ours()
	if err := benchkit.Settle(c.dir); err != nil {
		b.Fatal(err)
	}
	ours()
	list()
	medians := benchkit.InTurn(b, ours, list)
	b.ReportMetric(float64(medians[0]), "ns/op")
	b.ReportMetric(float64(medians[1]), "golist-ns/op")
	b.ReportMetric(benchkit.Ratio(medians[0], medians[1]), "x-golist")
}

// writeModule writes a module and returns its folder and the packages in it
// that have nodes.
func writeModule(b *testing.B, packages int) (root string, nodes []string) {
	b.Helper()
	root = b.TempDir()
	nodes, err := benchkit.WriteModule(root, packages)
	if err != nil {
		b.Fatal(err)
	}
	return root, nodes
}

// writePackage writes a module with one file, which can import what this module
// requires, and returns its folder.
func writePackage(tb testing.TB, file string) string {
	tb.Helper()
	dir := tb.TempDir()
	files := map[string][]byte{"relay.go": []byte(file)}
	for _, name := range []string{"go.mod", "go.sum"} {
		content, err := os.ReadFile(filepath.Join("..", "..", name))
		if err != nil {
			tb.Fatal(err)
		}
		files[name] = moduleLine.ReplaceAll(content, []byte("module example.com/m"))
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o666); err != nil {
			tb.Fatal(err)
		}
	}
	return dir
}

// bareFile leaves the go command next to nothing to do.
const bareFile = `package m

//onex:operations type=effect service=relays relay
type Relay struct{}
`

// importerFile imports a Kafka client and net/http.
const importerFile = `package m

import (
	"net/http"

	"github.com/twmb/franz-go/pkg/kgo"
)

//onex:operations type=effect service=relays relay(*http.Request,*kgo.Record)
type Relay struct {
	client *kgo.Client
	server *http.Server
}
`

// With an empty build cache nothing gets compiled, whatever the package
// imports; so the command's time does not depend on that.
func TestEmptyCache(t *testing.T) {
	dir := writePackage(t, importerFile)
	cache := t.TempDir()
	t.Setenv("GOCACHE", cache)
	t.Chdir(dir)
	if code := generate(context.Background(), options{}, report{stdout: t.Output(), stderr: t.Output()}); code != exitOK {
		t.Fatalf("exit code %d", code)
	}
	if name, found := archiveIn(t, cache); found {
		t.Errorf("%s is a compiled package", name)
	}
	// What looks for compiled packages finds one if there is one.
	if err := os.WriteFile("empty.go", []byte("package m\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("go", "build", "empty.go").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if _, found := archiveIn(t, cache); !found {
		t.Error("no compiled package after a build")
	}
}

// archiveIn returns a file in a build cache that holds a compiled package.
func archiveIn(t *testing.T, cache string) (name string, found bool) {
	t.Helper()
	err := filepath.WalkDir(cache, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if bytes.HasPrefix(content, []byte("!<arch>\n")) {
			name, found = path, true
			return fs.SkipAll
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return name, found
}
