package house

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// programs are what a script may run on every system, and beyond them what one may run
// behind a condition that says where there is such a program.
var (
	programs    = []string{"onexevents", "onexctl", "crash", "go", "git"}
	conditioned = []string{"staticcheck", "gofumpt", "groff", "bash", "zsh", "fish", "sh", "mkfifo", "unshare"}
)

// Scripts run on systems that have no sed, touch or ls: scriptkit has commands for that.
func TestScriptsNeedNoPrograms(t *testing.T) {
	ran := 0
	command := regexp.MustCompile(`(?m)^((?:\[.*?\] *)*)!? *exec +(\S+)`)
	for _, folder := range []string{"../script", "../../cmd/onexctl/testdata/script"} {
		names, err := filepath.Glob(filepath.Join(folder, "*.txtar"))
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %v", folder, err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			script, _, _ := strings.Cut(string(text), "\n-- ")
			stops := regexp.MustCompile(`(?m)^\[.*?\] *(skip|stop)`).FindStringIndex(script)
			for _, match := range command.FindAllStringSubmatchIndex(script, -1) {
				ran++
				program := script[match[4]:match[5]]
				hasCondition := match[3] > match[2] || stops != nil && stops[0] < match[0]
				switch {
				case slices.Contains(programs, program):
				case slices.Contains(conditioned, program) && hasCondition:
				case slices.Contains(conditioned, program):
					t.Errorf("%s runs %s without a condition in front, such as [exec:%s] or [!unix] skip", name, program, program)
				default:
					t.Errorf("%s runs %s, which is not on every system; write a command into testdata/scriptkit", name, program)
				}
			}
		}
	}
	if ran < 100 {
		t.Errorf("only %d programs are run; does the test still find them?", ran)
	}
}
