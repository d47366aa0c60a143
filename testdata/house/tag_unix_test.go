//go:build unix

package house

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// clone makes a repository with a module and a nested one, as small as .ci/tag and
// .ci/compatible take.
type clone struct {
	t   *testing.T
	dir string
}

func newClone(t *testing.T, scripts ...string) clone {
	c := clone{t, t.TempDir()}
	for name, content := range map[string]string{
		"go.mod":                     "module example.com/m\n\ngo 1.26.0\n",
		"m.go":                       "package m\n\n// F is called.\nfunc F(int) {}\n\n// G too.\nfunc G() {}\n",
		"cmd/onexevents/main.go":     "package main\n\nimport \"os\"\n\nfunc main() { os.WriteFile(\"testdata/released/x_gen.go\", []byte(\"package released\\n\"), 0o666) }\n",
		"internal/i.go":              "package internal\n\n// H is nobody's business.\nfunc H() {}\n",
		"runtime/nested/go.mod":      "module example.com/m/runtime/nested\n\ngo 1.26.0\n\nrequire example.com/m v0.0.0\n\nreplace example.com/m => ../..\n",
		"runtime/nested/n.go":        "package nested\n\nimport _ \"example.com/m\"\n",
		"testdata/bench/go.mod":      "module example.com/m/testdata/bench\n",
		"testdata/released/x_gen.go": "package released\n\n// Old.\n",
		"CHANGELOG.md":               "# Changelog\n\n## Unreleased\n\n- It does something.\n\n## v0.1.0\n\n- It began.\n",
	} {
		c.write(name, content)
	}
	for _, name := range scripts {
		script, err := os.ReadFile(filepath.Join("..", "..", ".ci", name))
		if err != nil {
			t.Fatal(err)
		}
		c.write(".ci/"+name, string(script))
	}
	c.must("git", "init", "-q", "-b", "main")
	c.commit("begin")
	return c
}

func (c clone) write(name, content string) {
	c.t.Helper()
	name = filepath.Join(c.dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o777); err != nil {
		c.t.Fatal(err)
	}
}

func (c clone) commit(message string) {
	c.t.Helper()
	c.must("git", "add", "-A")
	c.must("git", "commit", "-q", "-m", message)
}

func (c clone) run(name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off",
		"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (c clone) must(name string, args ...string) string {
	c.t.Helper()
	out, err := c.run(name, args...)
	if err != nil {
		c.t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return out
}

// refuses wants .ci/tag to fail with a text.
func (c clone) refuses(want string, args ...string) {
	c.t.Helper()
	if out, err := c.run(".ci/tag", args...); err == nil || !strings.Contains(out, want) {
		c.t.Errorf(".ci/tag %v: %v\n%s", args, err, out)
	}
}

func TestTag(t *testing.T) {
	c := newClone(t, "tag")
	for _, args := range [][]string{nil, {"1.2.3"}, {"v1.2"}, {"v1.02.3"}, {"make"}, {"v1.2.3", "v1.2.4"}} {
		c.refuses("name one version", args...)
	}
	c.refuses("from v2 on", "v2.0.0")
	c.refuses("no section for v1.2.3", "notes", "v1.2.3")

	before := c.must("git", "rev-parse", "HEAD")
	plan := c.must(".ci/tag", "v1.2.3")
	for _, want := range []string{"tag: v1.2.3\n", "tag: runtime/nested/v1.2.3\n", "runtime/nested/go.mod: requires example.com/m v1.2.3\n"} {
		if !strings.Contains(plan, want) {
			t.Errorf("the plan does not have %q:\n%s", want, plan)
		}
	}
	if strings.Contains(plan, "bench") {
		t.Errorf("a module of tests is tagged:\n%s", plan)
	}
	if after := c.must("git", "rev-parse", "HEAD"); after != before || c.must("git", "tag")+c.must("git", "status", "--porcelain") != "" {
		t.Error("a plan has changed something")
	}

	c.write("stray", "")
	c.refuses("not committed", "make", "v1.2.3")
	c.must("rm", "stray")
	c.must(".ci/tag", "make", "v1.2.3")
	if got := strings.Fields(c.must("git", "tag", "--points-at", "HEAD")); strings.Join(got, " ") != "runtime/nested/v1.2.3 v1.2.3" {
		t.Errorf("tags: %v", got)
	}
	if mod := c.must("git", "show", "v1.2.3:runtime/nested/go.mod"); !strings.Contains(mod, "require example.com/m v1.2.3\n") {
		t.Errorf("the nested module requires something else:\n%s", mod)
	}
	if notes := c.must(".ci/tag", "notes", "v1.2.3"); strings.TrimSpace(notes) != "- It does something." {
		t.Errorf("notes: %q", notes)
	}
	if released := c.must("git", "show", "v1.2.3:testdata/released/x_gen.go"); released != "package released\n" {
		t.Errorf("testdata/released was not generated: %q", released)
	}
	if status := c.must("git", "status", "--porcelain"); status != "" {
		t.Errorf("left behind: %s", status)
	}

	c.refuses("CHANGELOG says nothing", "v1.2.4")
	c.write("CHANGELOG.md", "# Changelog\n\n## Unreleased\n\n- More.\n")
	c.commit("more")
	c.refuses("v1.2.3 is there", "v1.2.3")
	c.refuses("v1.2.3-rc.1 is not behind v1.2.3", "v1.2.3-rc.1")
	c.refuses("v1.2.2 is not behind v1.2.3", "v1.2.2")
	c.must(".ci/tag", "v1.10.0")
}

func TestCompatible(t *testing.T) {
	c := newClone(t, "compatible")
	// In place of apidiff: what a package exports is its lines that begin with func.
	c.write("bin/apidiff", `#!/bin/sh
case $1 in
-w) go list -f '{{$d := .Dir}}{{range .GoFiles}}{{$d}}/{{.}} {{end}}' "$3" | xargs grep -h '^func [A-Z]' | sort >"$2" ;;
-incompatible) comm -23 "$2" "$3" ;;
esac
`)
	c.commit("stand-in")
	t.Setenv("PATH", filepath.Join(c.dir, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"))
	says := func(ok bool, want string) {
		t.Helper()
		if out, err := c.run(".ci/compatible"); (err == nil) != ok || !strings.Contains(out, want) {
			t.Errorf("%v, want %q:\n%s", err, want, out)
		}
	}
	says(true, "no release yet")
	c.must("git", "tag", "v0.9.0")
	says(true, "what v0.9.0 offers is there")
	c.write("m.go", "package m\n\n// F is called.\nfunc F(int) {}\n")
	c.write("internal/i.go", "package internal\n")
	c.commit("less")
	says(true, "func G()")
	c.must("git", "tag", "v1.0.0")
	says(true, "what v1.0.0 offers is there")
	c.write("m.go", "package m\n\n// F is called.\nfunc F(string) {}\n")
	says(false, "example.com/m: func F(int) {}")
	c.must("git", "checkout", "-q", "m.go")
	c.write("testdata/released/x_gen.go", "package released\n\n// New.\n")
	says(false, "is to stay as v1.0.0 has generated it")
	c.must("git", "checkout", "-q", ".")
	c.must("rm", "m.go")
	says(false, "example.com/m: the package is gone")
	if left := c.must("git", "worktree", "list"); strings.Count(left, "\n") != 1 {
		t.Errorf("a worktree is left behind:\n%s", left)
	}
}
