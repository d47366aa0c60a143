package guide_test

import (
	"go/ast"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// What the comparison says of speed is what the benchmarks' page has.
func TestComparisonHasTheBenchmarksFigures(t *testing.T) {
	data, err := os.ReadFile("../../testdata/publishbench/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, cells := range table(t, "comparison.md", "## What it costs") {
		peer := regexp.MustCompile("`([a-z_0-9]+)`\\)").FindStringSubmatch(cells[0])[1]
		row := regexp.MustCompile(`(?m)^\| ` + peer + ` \| [^|]+ \| ([\d.]+) `).FindSubmatch(data)
		if row == nil || string(row[1]) != cells[1] {
			t.Errorf("%s: %s, and the benchmarks' page has %s", peer, cells[1], row)
		}
	}
	if !strings.Contains(string(data), "onexevents delivers ×") {
		t.Error("the benchmarks' page has no such column")
	}
}

// The reference has every field of Config, every method of a publisher, every option,
// every command and every flag of the generator.
func TestReferenceIsComplete(t *testing.T) {
	hold(t, "reference.md", "## Config", names(reflect.TypeFor[onex.Config]().NumField(), func(i int) string { return reflect.TypeFor[onex.Config]().Field(i).Name }))
	methods := names(reflect.TypeFor[*onex.Publisher]().NumMethod(), func(i int) string { return reflect.TypeFor[*onex.Publisher]().Method(i).Name + "(" })
	holdBegins(t, "## Publisher", append(methods, "NewPublisher("))
	holdBegins(t, "## Options", options(sources(t, "../../runtime")))
	holdBegins(t, "## Flags of onexevents", flags(t, "../../cmd/onexevents/doc.go"))
	ctl, err := os.ReadFile("../../cmd/onexctl/doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, commands, _ := strings.Cut(string(ctl), "The commands are:\n\n")
	commands, _, _ = strings.Cut(commands, "\n\n")
	var all []string
	for _, line := range regexp.MustCompile(`(?m)^\t(\S+( \S+)?)  `).FindAllStringSubmatch(commands, -1) {
		all = append(all, line[1])
	}
	hold(t, "reference.md", "## onexctl", all)
}

func names(n int, name func(int) string) (all []string) {
	for i := range n {
		all = append(all, name(i))
	}
	return all
}

// holdBegins reports what the code spans of a section lack that has to begin so.
func holdBegins(t *testing.T, heading string, names []string) {
	t.Helper()
	data, err := os.ReadFile("reference.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(data), "\n"+heading)
	section, _, _ = strings.Cut(section, "\n## ")
	if len(names) == 0 {
		t.Errorf("nothing is wanted under %s", heading)
	}
	for _, name := range names {
		if !strings.Contains(section, "`"+name) {
			t.Errorf("reference.md: `%s is missing under %s", name, heading)
		}
	}
}

// options returns the functions whose result is an option of an event, as they are called.
func options(files []*ast.File) (names []string) {
	for _, file := range files {
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || file.Name.Name != "onex" || f.Recv != nil || !f.Name.IsExported() || f.Type.Results == nil {
				continue
			}
			if result, ok := f.Type.Results.List[0].Type.(*ast.Ident); ok && result.Name == "EventOption" {
				names = append(names, f.Name.Name+"(")
			}
		}
	}
	return names
}

// flags returns the flags that a manual explains.
func flags(t *testing.T, file string) (names []string) {
	t.Helper()
	manual, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, flag := range regexp.MustCompile(`(?m)^\t(-[a-z]+)`).FindAllStringSubmatch(string(manual), -1) {
		names = append(names, flag[1])
	}
	return names
}
