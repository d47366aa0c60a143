package annotate

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/tools/go/packages"

	"github.com/omninode-ai/onexevents/annotate/internal/golist"
	"github.com/omninode-ai/onexevents/annotate/internal/grammar"
)

// Config says how to look for packages. The zero value looks from the current
// directory, as the go command would.
type Config struct {
	Dir  string   // patterns are relative to it; "" means the current directory
	Env  []string // of the go command; nil means the process's own
	Tags string   // build tags, separated by commas; "" leaves those of GOFLAGS

	// Generated tells the generator's own output from other source: by the
	// base name of a file, and then by its content. Such files are no source,
	// and where one is so damaged that the go command stumbles over it, it is
	// hidden from the go command. nil means that there are none.
	Generated func(base string, content func() ([]byte, error)) bool
}

// Load returns the packages that the patterns match, in the order of the go
// command, with the nodes that they declare. Only packages of the main module,
// or of the modules of a workspace, have nodes: others are not the user's to
// generate code for.
//
// It asks the go command for names and files and nothing else, and parses only
// the files that mention a directive; so packages need not compile, and
// nothing that they import is looked at. (Only where an import has no name,
// and its path does not show the name of its package for certain, is the go
// command asked for that name.)
//
// If anything is wrong in the packages, the error is [Diagnostics], and the
// packages are returned all the same, with the nodes in which nothing is wrong.
// Any other error means that there is no result.
func Load(ctx context.Context, cfg Config, patterns ...string) ([]*Package, error) {
	if len(patterns) == 0 {
		patterns = []string{"."}
	}
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("load packages: %w", err)
	}
	cfg.Dir = dir
	gocmd := golist.Command{Ctx: ctx, Dir: dir, Env: cfg.Env, Tags: cfg.Tags, Generated: cfg.Generated}
	listed, err := gocmd.List(packages.NeedName|packages.NeedFiles|packages.NeedModule, patterns)
	if err != nil {
		return nil, fmt.Errorf("load packages: %w", err)
	}
	l := loader{cfg: cfg, gocmd: gocmd, names: &golist.Names{Command: gocmd}}
	l.placeMalformed(listed)
	own := l.own(listed, patterns)
	passedOver, err := l.passedOver(listed, patterns)
	if err != nil {
		return nil, fmt.Errorf("load packages: %w", err)
	}
	pkgs := l.readAll(append(own, passedOver...))
	l.reportUnmatched(patterns, slices.Concat(listed, passedOver))
	return pkgs, l.diags.Err()
}

// loader turns what the go command lists into packages with their nodes.
type loader struct {
	cfg   Config
	gocmd golist.Command
	names *golist.Names
	diags Diagnostics
}

// readAll reads the packages in parallel; what is wrong comes in their order.
func (l *loader) readAll(listed []*packages.Package) []*Package {
	pkgs := make([]*Package, len(listed))
	diags := make([]Diagnostics, len(listed))
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(listed)) {
		workers.Go(func() {
			for i := range next {
				pkgs[i], diags[i] = l.read(listed[i])
			}
		})
	}
	for i := range listed {
		next <- i
	}
	close(next)
	workers.Wait()
	l.diags = slices.Concat(append(diags, l.diags)...)
	return pkgs
}

// Folders returns the absolute names of the folders in which a change can make
// [Load] find something else for the patterns: those that they name or lead
// through, packages or not yet, and those above with a go.mod or go.work. Of the
// packages that are named by their import paths, it knows those of the module.
func Folders(dir string, patterns ...string) ([]string, error) {
	return golist.Folders(dir, patterns...)
}

// ModuleDir returns the folder of the go.mod that rules in dir, or "".
func ModuleDir(dir string) string { return golist.ModuleDir(dir) }

// SnakeCase turns a Go name into lower-case words joined by _: "QueryIndex"
// into "query_index", "HTTPGateway" into "http_gateway".
func SnakeCase(name string) string { return grammar.SnakeCase(name) }

// DidYouMean is the remedy for a word that is none of those allowed.
func DidYouMean(word string, allowed []string) string { return grammar.DidYouMean(word, allowed) }
