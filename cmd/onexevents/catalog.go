package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/emit"
)

// catalogOptions are what the command line says behind "catalog".
type catalogOptions struct {
	options
	format string
	form   emit.Form
	out    string // "" means standard output
	events string // a file with the events of a run, or ""

	breaking breakingOptions
}

func runCatalog(args []string, stdout, stderr io.Writer) int {
	opts, err := parseCatalog(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return run([]string{"-h"}, stdout, stderr)
	case err != nil:
		fmt.Fprintf(stderr, "onexevents: %v; onexevents -h shows the manual\n", err)
		return exitError
	}
	ctx, stop := signal.NotifyContext(context.Background(), interrupts()...)
	defer stop()
	out := report{stdout, stderr, opts.breaking.json}
	current, err := answer(ctx, opts, out)
	if err != nil && out.json {
		out.mistakes(err)
		return exitError
	}
	switch {
	case err != nil && (opts.check || opts.breaking.old != ""):
		fmt.Fprintln(stderr, said(err))
		return exitError
	case err != nil:
		fmt.Fprintln(stderr, said(err))
		return exitFault
	case !current:
		return exitFault
	default:
		return exitOK
	}
}

func answer(ctx context.Context, opts catalogOptions, out report) (good bool, err error) {
	switch {
	case opts.breaking.old != "":
		breaks, err := breaking(ctx, opts, out)
		return !breaks, err
	case opts.format == schemaFormat:
		return schemas(ctx, opts, out)
	default:
		return catalog(ctx, opts, out.stdout)
	}
}

// said is how an error is printed: diagnostics by their places, and any other
// as the command's own.
func said(err error) string {
	var diags annotate.Diagnostics
	if !errors.As(err, &diags) {
		return "onexevents: " + err.Error()
	}
	lines := make([]string, len(diags))
	for i, d := range diags {
		lines[i] = relative(d).String()
	}
	return strings.Join(lines, "\n")
}

func parseCatalog(args []string) (catalogOptions, error) {
	flags := flag.NewFlagSet("onexevents catalog", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	format := flags.String("format", "json", "")
	out := flags.String("o", "", "")
	events := flags.String("events", "", "")
	check := flags.Bool("check", false, "")
	tags := flags.String("tags", "", "")
	old := flags.String("breaking", "", "")
	except := flags.String("except", "", "")
	asJSON := flags.Bool("json", false, "")
	if err := flags.Parse(args); err != nil {
		return catalogOptions{}, meant(err, flags)
	}
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	for _, other := range []string{"format", "o", "check", "events"} {
		if given["breaking"] && given[other] {
			return catalogOptions{}, fmt.Errorf("-breaking compares catalogs, and writes none; drop -%s", other)
		}
	}
	for _, other := range []string{"except", "json"} {
		if !given["breaking"] && given[other] {
			return catalogOptions{}, fmt.Errorf("-%s belongs to -breaking; add that, or drop it", other)
		}
	}
	if given["breaking"] && *old == "" {
		return catalogOptions{}, errors.New("-breaking needs a catalog to compare with; name a file, or git:<revision>")
	}
	rules, err := exceptions(*except)
	if err != nil {
		return catalogOptions{}, err
	}
	form, ok := emit.Forms[*format]
	if !ok && *format != schemaFormat {
		names := append(slices.Sorted(maps.Keys(emit.Forms)), schemaFormat)
		return catalogOptions{}, fmt.Errorf("there is no format %q; %s", *format, annotate.DidYouMean(*format, names))
	}
	if *format == schemaFormat && *out == "" {
		return catalogOptions{}, errors.New("-format schema writes a file for each message; name their folder with -o")
	}
	if given["events"] && *format != "html" {
		return catalogOptions{}, errors.New("-events belongs to -format html; add that, or drop it")
	}
	if given["events"] && *events == "" {
		return catalogOptions{}, errors.New("-events needs the events of a run; name their file")
	}
	if *check && *out == "" {
		return catalogOptions{}, errors.New("-check needs a file to check; name it with -o")
	}
	// What is left are packages, which are named as for the generator.
	opts, err := parse(flags.Args())
	opts.check, opts.tags = *check, *tags
	return catalogOptions{options: opts, format: *format, form: form, out: *out, events: *events, breaking: breakingOptions{*old, rules, *asJSON}}, err
}

// catalog prints the catalog, or brings its file up to date. With -check it
// only shows how the file differs, and says whether it is current.
func catalog(ctx context.Context, opts catalogOptions, stdout io.Writer) (current bool, err error) {
	content, err := renderCatalog(ctx, opts)
	if err != nil {
		return false, err
	}
	if opts.out == "" {
		_, err := stdout.Write(content)
		return true, err
	}
	c, err := compareCatalog(opts, content)
	switch {
	case err != nil || c.state == "":
		return true, err
	case opts.check:
		report{stdout: stdout}.needed(c)
		return false, nil
	default:
		return true, unwritten(opts.out, c.apply())
	}
}

// unwritten says why the file could not be written.
func unwritten(path string, err error) error {
	if err != nil {
		err = fmt.Errorf("%s cannot be written (%w); name a file with -o that can be", path, cause(err))
	}
	return err
}

func renderCatalog(ctx context.Context, opts catalogOptions) ([]byte, error) {
	c, err := loadCatalog(ctx, opts.options)
	if err != nil {
		return nil, err
	}
	if opts.events != "" {
		if c, err = withRun(c, opts.events); err != nil {
			return nil, err
		}
	}
	return opts.form.Render(c)
}

// withRun adds the events of a file to the catalog.
func withRun(c *emit.Catalog, file string) (*emit.Catalog, error) {
	src, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read (%w); name a file of events with -events", file, cause(err))
	}
	c, err = c.WithRun(src)
	var diags annotate.Diagnostics
	if errors.As(err, &diags) {
		for i := range diags {
			diags[i].Pos.Filename = file
		}
	}
	return c, err
}

// loadCatalog returns the catalog if nothing is wrong in any package: one that
// lacks some nodes would say that their events do not exist.
func loadCatalog(ctx context.Context, opts options) (*emit.Catalog, error) {
	return loadCatalogOf(ctx, opts, func([]*annotate.Package) {})
}

// loadCatalogOf is loadCatalog that calls with with the packages first.
func loadCatalogOf(ctx context.Context, opts options, with func([]*annotate.Package)) (*emit.Catalog, error) {
	var more annotate.Diagnostics
	pkgs, faults, err := load(ctx, opts)
	if err != nil {
		return nil, err
	}
	with(pkgs)
	c, err := emit.NewCatalog(pkgs...)
	if err != nil && !errors.As(err, &more) {
		return nil, err
	}
	if err := append(faults, more...).Err(); err != nil {
		return nil, err
	}
	return c, nil
}

// compareCatalog looks at the file on disk.
func compareCatalog(opts catalogOptions, content []byte) (change, error) {
	return compareWith(opts.out, content, "-format "+opts.format, opts.form.Recognises)
}

// compareWith looks at the file on disk; the change has no state if there is
// none to be made. A file that is not empty and not recognised as written with
// the flags is an error.
func compareWith(path string, content []byte, flags string, recognises func([]byte) bool) (change, error) {
	at, err := placeOf(path)
	old := at.content
	switch {
	case errors.Is(err, errIrregular):
		return change{}, fmt.Errorf("%s is no regular file; name one with -o, or leave -o out to print", path)
	case err != nil:
		return change{}, fmt.Errorf("%s cannot be read: %w; name another file with -o", path, cause(err))
	case old == nil:
		return change{path: path, state: missing, new: content}, nil
	case len(bytes.TrimSpace(old)) > 0 && !recognises(old):
		return change{}, fmt.Errorf("%s is not a catalog that onexevents has written with %s; remove it, or name another file with -o", path, flags)
	case bytes.Equal(withoutCR(old), content):
		return change{}, nil
	default:
		return change{path: at.path, state: stale, old: old, new: content}, nil
	}
}
