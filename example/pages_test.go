package main

import (
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

var (
	fenced  = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")
	onKafka = regexp.MustCompile(`testdata/kafka|-tags=kafka`) // in commands that want Apache Kafka
)

// page is a README.md, taken apart.
type page struct {
	folder string
	lines  int
	blocks []block
}

// block is what stands between fences: Go code, commands of the shell, or ("text") what
// the commands before it print.
type block struct{ kind, text string }

func readPages(t *testing.T) (pages []page) {
	t.Helper()
	files, err := filepath.Glob("*/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		p := page{folder: filepath.Dir(file), lines: strings.Count(string(text), "\n")}
		for _, found := range fenced.FindAllStringSubmatch(string(text), -1) {
			p.blocks = append(p.blocks, block{found[1], found[2]})
		}
		if fences := strings.Count("\n"+string(text), "\n```"); fences != 2*len(p.blocks) {
			t.Errorf("%s has %d fences, and %d blocks", file, fences, len(p.blocks))
		}
		if len(p.blocks) > 0 { // else it shows nothing to run
			pages = append(pages, p)
		}
	}
	if len(pages) < 5 {
		t.Fatalf("only %d pages", len(pages))
	}
	return pages
}

// What a page shows of the code stands in its folder so, and each page is listed in the
// one that leads through them.
func TestPagesShowTheCode(t *testing.T) {
	list, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range readPages(t) {
		if p.lines > 80 && p.folder != "fleet" { // which is a report of measurements, with its tables
			t.Errorf("%s has %d lines, want a page", p.folder, p.lines)
		}
		if !strings.Contains(string(list), "("+p.folder+"/README.md)") {
			t.Errorf("README.md does not list %s", p.folder)
		}
		for _, b := range p.blocks {
			if b.kind == "go" && !isInFolder(t, p.folder, b.text) {
				t.Errorf("%s shows what no file there has so:\n%s", p.folder, b.text)
			}
		}
	}
}

// isInFolder tells whether a file, also of a folder below, has the parts of a text, which … divides, one after
// the other. How far lines are indented does not matter.
func isInFolder(t *testing.T, folder, text string) bool {
	t.Helper()
	var files []string
	for _, pattern := range []string{"*.go", "*/*.go", "testdata/*/*.go"} {
		found, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	for _, file := range files {
		code, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if hasParts(unindented(string(code)), strings.Split(unindented(text), "\n…\n")) {
			return true
		}
	}
	return false
}

func unindented(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimSpace(line) + "\n")
	}
	return b.String()
}

// hasParts tells whether text has all parts, one after the other.
func hasParts(text string, parts []string) bool {
	for _, part := range parts {
		_, rest, ok := strings.Cut(text, part)
		if !ok {
			return false
		}
		text = rest
	}
	return true
}

// The commands of the pages do what the pages say. Those that want Apache Kafka are
// run with -tags=kafka.
func TestPagesRun(t *testing.T) {
	runPages(t, func(commands string) (string, bool) { return commands, !onKafka.MatchString(commands) })
}

var modules = flag.Bool("modules", false, "run the commands of modules of their own too")

// runPages runs the commands of all pages that mine takes, as it returns them, and
// compares what they print.
func runPages(t *testing.T, mine func(commands string) (string, bool)) {
	for _, p := range readPages(t) {
		t.Run(p.folder, func(t *testing.T) {
			printed := "" // by the commands before
			if _, err := os.Stat(filepath.Join(p.folder, "go.mod")); err == nil && !*modules {
				return // to have other modules is not asked of who tests this one
			}
			for _, b := range p.blocks {
				switch b.kind {
				case "sh":
					commands, ok := mine(b.text)
					printed = ""
					if ok {
						printed = runCommands(t, commands)
					}
				case "text":
					if printed != "" && !prints(printed, b.text) {
						t.Errorf("the commands do not print\n%sbut\n%s", b.text, printed)
					}
				}
			}
		})
	}
}

// runCommands runs commands in the repository's root, and returns what they print.
func runCommands(t *testing.T, commands string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-e", "-c", commands)
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), "TMPDIR="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s%v\n%s", commands, err, out)
	}
	return string(out)
}

// prints tells whether each line of want is in what was printed, one after the other.
// Within a line … stands for any text.
func prints(printed, want string) bool {
	var lines []string
	for line := range strings.Lines(want) {
		line = regexp.QuoteMeta(strings.TrimSpace(line))
		lines = append(lines, strings.ReplaceAll(line, "…", ".*"))
	}
	return regexp.MustCompile(`(?m)^\s*` + strings.Join(lines, `\s*$(?s:.*)^\s*`) + `\s*$`).MatchString(printed)
}
