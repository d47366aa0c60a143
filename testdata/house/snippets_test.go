package house

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/omninode-ai/onexevents/annotate"
)

// held says what holds a command of a page to what it says: that a file has the text,
// or, where nothing runs the command, why.
type held struct{ file, has, why string }

// commands are those of pages that no test runs as they stand there.
var commands = map[string]held{
	"git diff":                                           {why: "shows what the command before it has changed"},
	"testdata/bench/run":                                 measures,
	"testdata/bench/run before.out":                      measures,
	"testdata/bench/run after.out":                       measures,
	"testdata/publishbench/run":                          measures,
	"testdata/publishbench/run before.out":               measures,
	"testdata/publishbench/run after.out":                measures,
	"go tool benchstat ../../before.out ../../after.out": {why: "compares what two measurements have printed"},
	"go run ./runtime/testdata/locks":                    {file: ".ci/run", has: "\ngo run ./runtime/testdata/locks\n"},

	".ci/tag v1.2.3":                        {file: "testdata/house/tag_unix_test.go", has: `c.must(".ci/tag", "v1.2.3")`},
	".ci/tag make v1.2.3":                   {file: "testdata/house/tag_unix_test.go", has: `c.must(".ci/tag", "make", "v1.2.3")`},
	"goreleaser check":                      {file: ".github/workflows/release.yml", has: "run: goreleaser check\n"},
	"goreleaser release --snapshot --clean": {file: ".github/workflows/release.yml", has: "run: goreleaser release --clean --snapshot\n"},

	"go tool onexevents catalog -format schema -o schemas ./...":  {file: "example/registry/main_test.go", has: `"catalog", "-format", "schema", "-o"`},
	"go run . -url http://localhost:8081 -namespace prod schemas": {why: "needs a registry; the test beside it has a fake of one"},
	"git fetch origin main": {why: "needs a remote repository"},
	"go tool onexevents catalog -breaking git:origin/main ./...": {file: "example/changing/README.md", has: "\ngo tool onexevents catalog -breaking git:HEAD "},
}

var measures = held{why: "takes an hour; .ci/run has each benchmark run once"}

// runElsewhere are pages whose tests run their commands, and compare their Go code.
var runElsewhere = regexp.MustCompile(`^README\.md$|^example/\w+/README\.md$`)

var (
	opened   = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")
	indented = regexp.MustCompile(`(?m)^\n(?: {4}|\t)\S.*$`)
)

// Each Go snippet of a page compiles, and each command of a page is run, or stands in
// commands with what holds it. The pages of README.md and of the examples have tests of
// their own for what their languages say is run.
func TestSnippetsAreHeld(t *testing.T) {
	used := map[string]bool{}
	snippets := 0
	all := pages(t)
	for _, page := range slices.Sorted(maps.Keys(all)) {
		if code := indented.FindString(opened.ReplaceAllString(all[page], "")); code != "" {
			t.Errorf("%s: put fences around code, with its language, so that it is held:%s", page, code)
		}
		for _, block := range opened.FindAllStringSubmatch(all[page], -1) {
			snippets++
			switch language, text := block[1], block[2]; {
			case slices.Contains([]string{"go", "sh", "text"}, language) && runElsewhere.MatchString(page):
			case language == "go":
				for _, fault := range faultsOf(text) {
					t.Errorf("%s: %s, in\n%s", page, fault, text)
				}
			case slices.Contains([]string{"sh", "shell", "yaml"}, language):
				for _, command := range commandsIn(text) {
					used[command] = true
					if fault := faultOf(t, command); fault != "" {
						t.Errorf("%s: %s: %s", page, command, fault)
					}
				}
			default:
				t.Errorf("%s: nothing holds a snippet in %q:\n%s", page, language, text)
			}
		}
	}
	if snippets < 40 {
		t.Errorf("only %d snippets are found", snippets)
	}
	for command := range commands {
		if !used[command] {
			t.Errorf("commands has %q, which is on no page, or is run there", command)
		}
	}
}

// faultsOf says what is wrong with Go code: until a page needs more, that is a directive.
func faultsOf(code string) (faults []string) {
	for line := range strings.Lines(code) {
		args, isDirective := strings.CutPrefix(strings.TrimSpace(line), "//onex:operations ")
		if !isDirective {
			return []string{"nothing compiles it"}
		}
		if _, err := annotate.ParseDirective(args); err != nil {
			faults = append(faults, err.Error())
		}
	}
	return faults
}

// commandsIn returns the commands of a block one by one, without the steps of a workflow
// and the folders around them.
func commandsIn(text string) (all []string) {
	for line := range strings.Lines(text) {
		line = strings.TrimPrefix(strings.TrimSpace(line), "- run: ")
		for command := range strings.SplitSeq(line, " && ") {
			if !strings.HasPrefix(command, "cd ") {
				all = append(all, command)
			}
		}
	}
	return all
}

func faultOf(t *testing.T, command string) string {
	t.Helper()
	if strings.HasPrefix(command, "go test ./") {
		return "" // the gate runs all tests, and TestPagesNameWhatThereIs knows the flags
	}
	h, known := commands[command]
	if !known {
		return "nothing runs it; say in commands what holds it, or why nothing does"
	}
	if h.why != "" {
		return ""
	}
	text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(h.file)))
	if err != nil {
		return err.Error()
	}
	if !strings.Contains(string(text), h.has) {
		return h.file + " does not have " + h.has
	}
	return ""
}
