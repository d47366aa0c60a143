// Mutations breaks the machine in many ways, one at a time, and prints in which
// world the simulation finds each: the simulation has to be able to fail.
//
//	go run ./runtime/internal/delivery/testdata/mutations [-worlds 100000] [NAME…]
//
// It exits with 1 if one is not found, or has no place in the code any more.
package main

import (
	"bufio"
	_ "embed"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const folder = "runtime/internal/delivery"

//go:embed list.txt
var list string

// mutation replaces a text of the package that is there once.
type mutation struct{ name, old, new string }

var seedPat = regexp.MustCompile(`(?s)seed (\d+): (.*?)\n`)

func main() {
	worlds := flag.Int("worlds", 100_000, "how many worlds a mutation may survive")
	flag.Parse()
	os.Exit(run(*worlds, flag.Args()))
}

func run(worlds int, names []string) (code int) {
	fmt.Println("| mutation | found in world | after | what is seen |\n|---|---|---|---|")
	for _, m := range parse() {
		if len(names) > 0 && !slices.Contains(names, m.name) {
			continue
		}
		begun := time.Now()
		seed, seen, err := try(m, worlds)
		if err != nil {
			seed, seen, code = "**not found**", err.Error(), 1
		}
		fmt.Printf("| %s | %s | %v | %s |\n", m.name, seed, time.Since(begun).Round(100*time.Millisecond), seen)
	}
	return code
}

// parse reads the list: a line "name", lines that begin with "-" and then lines
// that begin with "+", a mutation each.
func parse() (all []mutation) {
	lines := bufio.NewScanner(strings.NewReader(list))
	for lines.Scan() {
		line := lines.Text()
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case line[0] == '-':
			all[len(all)-1].old += line[1:] + "\n"
		case line[0] == '+':
			all[len(all)-1].new += line[1:] + "\n"
		default:
			all = append(all, mutation{name: line})
		}
	}
	return all
}

// try runs the simulation of a copy of the package.
func try(m mutation, worlds int) (seed, seen string, err error) {
	dir, err := os.MkdirTemp("", "mutation")
	if err != nil {
		return "", "", err
	}
	defer os.RemoveAll(dir)
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return "", "", err
	}
	places := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return "", "", err
		}
		if !strings.HasSuffix(file, "_test.go") {
			places += strings.Count(string(text), m.old)
			text = []byte(strings.Replace(string(text), m.old, m.new, 1))
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(file)), text, 0o666); err != nil {
			return "", "", err
		}
	}
	if places != 1 {
		return "", "", fmt.Errorf("its text is in the code %d times", places)
	}
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module delivery\n\ngo 1.26\n"), 0o666); err != nil {
		return "", "", err
	}
	cmd := exec.Command("go", "test", "-vet=off", "-run", "Simulation", "-worlds", strconv.Itoa(worlds), ".")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err == nil {
		return "", "", fmt.Errorf("%d worlds went well", worlds)
	}
	if found := seedPat.FindSubmatch(out); found != nil {
		return string(found[1]), string(found[2]), nil
	}
	if strings.Contains(string(out), "panic: ") && !strings.Contains(string(out), "build failed") {
		_, text, _ := strings.Cut(string(out), "panic: ")
		text, _, _ = strings.Cut(text, "\n")
		return "panic", text, nil
	}
	return "", "", fmt.Errorf("it does not run: %.200s", strings.ReplaceAll(string(out), "\n", " "))
}
