package main

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
)

// The exit codes, which the manual explains.
const (
	exitOK    = 0
	exitFault = 1 // something is wrong in the packages or with the files
	exitError = 2 // wrong use, and whatever keeps -check from an answer
)

func main() {
	leaveGarbage()
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// leaveGarbage makes this process and the go command collect less of what they
// leave behind when they end, soon after. A GOGC of the user's own stays in
// force.
func leaveGarbage() {
	if os.Getenv("GOGC") != "" {
		return
	}
	const percent = 400 // for 400 packages the go command takes 34 MB then, not 24
	debug.SetGCPercent(percent)
	os.Setenv("GOGC", strconv.Itoa(percent))
}

// options are what the command line says.
type options struct {
	check    bool
	watch    bool
	json     bool
	tags     string
	dir      string // in which the patterns stand; "" means the current folder
	patterns []string
}

func run(args []string, stdout, stderr io.Writer) int {
	if len(args) > 0 && args[0] == "catalog" {
		return runCatalog(args[1:], stdout, stderr)
	}
	opts, err := parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, manual())
		return exitOK
	case err != nil:
		fmt.Fprintf(stderr, "onexevents: %v; onexevents -h shows the manual\n", err)
		return exitError
	}
	ctx, stop := signal.NotifyContext(context.Background(), interrupts()...)
	defer stop()
	out := report{stdout, stderr, opts.json}
	switch {
	case opts.check:
		return check(ctx, opts, out)
	case opts.watch:
		return watch(ctx, opts, out)
	default:
		return generate(ctx, opts, out)
	}
}

// interrupts are the signals that end a run, though never in the middle of
// writing a file.
func interrupts() []os.Signal {
	// nohup has it ignored, and so it stays.
	if signal.Ignored(syscall.SIGHUP) {
		return []os.Signal{os.Interrupt, syscall.SIGTERM}
	}
	return []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}
}

func parse(args []string) (options, error) {
	var opts options
	flags := flag.NewFlagSet("onexevents", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.BoolVar(&opts.check, "check", false, "")
	flags.BoolVar(&opts.watch, "watch", false, "")
	flags.BoolVar(&opts.json, "json", false, "")
	flags.StringVar(&opts.tags, "tags", "", "")
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	if opts.check && opts.watch {
		return options{}, errors.New("-check and -watch exclude each other; drop one")
	}
	for _, arg := range flags.Args() {
		if strings.HasPrefix(arg, "-") {
			return options{}, fmt.Errorf("flag %s stands behind a package; write it in front", arg)
		}
		opts.patterns = append(opts.patterns, arg)
	}
	if len(opts.patterns) == 0 {
		opts.patterns = []string{"."}
	}
	opts.resolveFiles()
	return opts, nil
}

// resolveFiles puts their packages in the place of Go files. One file alone,
// as an editor names it, may be of any module, wherever the editor runs.
func (opts *options) resolveFiles() {
	if len(opts.patterns) == 1 && isFile(opts.patterns[0]) {
		opts.dir = filepath.Dir(opts.patterns[0])
		opts.patterns = []string{"."}
		return
	}
	for i, pattern := range opts.patterns {
		if isFile(pattern) {
			opts.patterns[i] = folderPattern(filepath.Dir(pattern))
		}
	}
}

func isFile(arg string) bool {
	info, err := os.Stat(arg)
	return err == nil && info.Mode().IsRegular() && strings.HasSuffix(arg, ".go")
}

// folderPattern is how the go command is told of a folder.
func folderPattern(dir string) string {
	if filepath.IsAbs(dir) {
		return dir
	}
	return "." + string(filepath.Separator) + dir
}

//go:embed doc.go
var doc string

// manual is the package comment.
func manual() string {
	text, _, _ := strings.Cut(strings.TrimPrefix(doc, "/*\n"), "*/")
	return text
}
