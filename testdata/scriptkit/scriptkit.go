// Package scriptkit has commands for testscript, in place of programs that are not on
// every system: sed, ls, stat, touch, head, sort, awk, test. They are:
//
//	replace regexp new file...   in each file, put new for each match, of which there is
//	                             one at least; ${1} is the first group, \n a line end
//	lines from to file           print these lines, from 1 on
//	sort file                    sort the lines of a file
//	lengths from to file         want each line to have so many characters
//	ls folder                    print the names in a folder, with hidden ones
//	copy folder... folder        copy folders and files, each under its name
//	mode file 600                want a file to have this mode, as far as the system has modes
//	kind file link               want a file to be a link, pipe, device or folder
//	age file... 2m               make files as old as that
//	slashes                      in what the last program printed, let paths be written with /
//
// Nothing but tests imports it.
package scriptkit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/testscript"
)

// With returns the commands of the kit and others.
func With(others map[string]func(ts *testscript.TestScript, neg bool, args []string)) map[string]func(ts *testscript.TestScript, neg bool, args []string) {
	for name, c := range kit {
		others[name] = func(ts *testscript.TestScript, neg bool, args []string) {
			if neg || len(args) < c.least {
				ts.Fatalf("usage: %s %s", name, c.usage)
			}
			ts.Check(c.do(ts, args))
		}
	}
	return others
}

var kit = map[string]struct {
	usage string
	least int
	do    func(ts *testscript.TestScript, args []string) error
}{
	"replace": {"regexp new file...", 3, replace},
	"lines":   {"from to file", 3, lines},
	"sort":    {"file", 1, sortLines},
	"lengths": {"from to file", 3, lengths},
	"ls":      {"folder", 1, list},
	"copy":    {"folder... folder", 2, copyAll},
	"mode":    {"file mode", 2, mode},
	"kind":    {"file link|pipe|device|folder", 2, kind},
	"age":     {"file... duration", 2, age},
	"slashes": {"", 0, func(ts *testscript.TestScript, _ []string) error { Slashes(ts); return nil }},
}

func replace(ts *testscript.TestScript, args []string) error {
	re, err := regexp.Compile("(?m)" + args[0])
	if err != nil {
		return err
	}
	with, err := strconv.Unquote(`"` + strings.ReplaceAll(args[1], `"`, `\"`) + `"`)
	if err != nil {
		return fmt.Errorf("%q: %w", args[1], err)
	}
	for _, name := range args[2:] {
		err := change(ts.MkAbs(name), func(text string) (string, error) {
			if !re.MatchString(text) {
				return "", fmt.Errorf("%s has no %s", name, args[0])
			}
			return re.ReplaceAllString(text, with), nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// change writes a file anew, with the mode that it has.
func change(name string, how func(text string) (string, error)) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	changed, err := how(string(text))
	if err != nil {
		return err
	}
	return os.WriteFile(name, []byte(changed), 0o666)
}

// span reads the two numbers in front of arguments.
func span(args []string) (from, to int, err error) {
	from, errFrom := strconv.Atoi(args[0])
	to, errTo := strconv.Atoi(args[1])
	return from, to, errors.Join(errFrom, errTo)
}

func lines(ts *testscript.TestScript, args []string) error {
	from, to, err := span(args)
	if err != nil {
		return err
	}
	all := strings.SplitAfter(ts.ReadFile(args[2]), "\n")
	if from < 1 || to < from || to > len(all) {
		return fmt.Errorf("%s has %d lines", args[2], len(all))
	}
	_, err = fmt.Fprint(ts.Stdout(), strings.Join(all[from-1:to], ""))
	return err
}

func sortLines(ts *testscript.TestScript, args []string) error {
	return change(ts.MkAbs(args[0]), func(text string) (string, error) {
		all := strings.SplitAfter(text, "\n")
		slices.Sort(all)
		return strings.Join(all, ""), nil
	})
}

func lengths(ts *testscript.TestScript, args []string) error {
	from, to, err := span(args)
	if err != nil {
		return err
	}
	for line := range strings.Lines(ts.ReadFile(args[2])) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n < from || n > to {
			return fmt.Errorf("a line of %s has %d characters", args[2], n)
		}
	}
	return nil
}

func list(ts *testscript.TestScript, args []string) error {
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	for _, e := range entries {
		fmt.Fprintln(ts.Stdout(), e.Name())
	}
	return err
}

func copyAll(ts *testscript.TestScript, args []string) error {
	to := ts.MkAbs(args[len(args)-1])
	for _, from := range args[:len(args)-1] {
		from = ts.MkAbs(from)
		info, err := os.Stat(from)
		if err != nil {
			return err
		}
		target := filepath.Join(to, filepath.Base(from))
		if info.IsDir() {
			err = os.CopyFS(target, os.DirFS(from))
		} else {
			err = os.WriteFile(target, []byte(ts.ReadFile(from)), info.Mode())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func mode(ts *testscript.TestScript, args []string) error {
	want, err := strconv.ParseUint(args[1], 8, 32)
	if err != nil {
		return err
	}
	info, err := os.Stat(ts.MkAbs(args[0]))
	if err != nil {
		return err
	}
	known := fs.ModePerm
	if runtime.GOOS == "windows" {
		known = 0o200 // whether it may be written to
	}
	if got := info.Mode().Perm(); got&known != fs.FileMode(want)&known {
		return fmt.Errorf("%s has the mode %o", args[0], got)
	}
	return nil
}

func kind(ts *testscript.TestScript, args []string) error {
	info, err := os.Lstat(ts.MkAbs(args[0]))
	if err != nil {
		return err
	}
	want, known := map[string]fs.FileMode{
		"link": fs.ModeSymlink, "pipe": fs.ModeNamedPipe, "folder": fs.ModeDir,
	}[args[1]]
	if args[1] == "device" { // which a link may lead to
		info, err = os.Stat(ts.MkAbs(args[0]))
		want, known = fs.ModeDevice, true
	}
	switch {
	case err != nil:
		return err
	case !known:
		return fmt.Errorf("%s is no kind of file", args[1])
	case info.Mode()&want == 0:
		return fmt.Errorf("%s is no %s: %v", args[0], args[1], info.Mode())
	}
	return nil
}

func age(ts *testscript.TestScript, args []string) error {
	last := len(args) - 1
	d, err := time.ParseDuration(args[last])
	if err != nil {
		return err
	}
	then := time.Now().Add(-d)
	for _, name := range args[:last] {
		if err := os.Chtimes(ts.MkAbs(name), then, then); err != nil {
			return err
		}
	}
	return nil
}
