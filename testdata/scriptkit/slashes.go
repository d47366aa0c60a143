package scriptkit

import (
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// Slashes is the command "slashes". It is for commands of ours that run a program.
func Slashes(ts *testscript.TestScript) {
	stdout, stderr := ts.ReadFile("stdout"), ts.ReadFile("stderr")
	if os.PathSeparator == '\\' {
		work := ts.Getenv("WORK")
		stdout, stderr = slashed(work, stdout), slashed(work, stderr)
	}
	fmt.Fprint(ts.Stdout(), stdout)
	fmt.Fprint(ts.Stderr(), stderr)
}

var (
	// first is what a line begins with if it is about a file, whose name may have spaces.
	first = regexp.MustCompile(`(?m)^(onexevents: |vet(\.exe)?: )?[^:"\t\n]+:`)
	// member is a file of a JSON line.
	member = regexp.MustCompile(`"file":"[^"]*"`)
)

// slashed gives the paths in front of lines, in the key "file", and below work the
// slashes that scripts have. What work begins with stays as it is in $WORK.
func slashed(work, text string) string {
	text = member.ReplaceAllStringFunc(text, func(m string) string {
		return strings.ReplaceAll(m, `\\`, `\`)
	})
	below := regexp.MustCompile(regexp.QuoteMeta(work) + `\\[^\s"';,:]*`)
	text = below.ReplaceAllStringFunc(text, func(path string) string {
		return work + forward(path[len(work):])
	})
	return first.ReplaceAllStringFunc(text, forward)
}

func forward(path string) string { return strings.ReplaceAll(path, `\`, "/") }
