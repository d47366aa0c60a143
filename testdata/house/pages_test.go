package house

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// pages returns the repository's pages in Markdown by their slashed paths.
func pages(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	repo := os.DirFS("../..")
	err := fs.WalkDir(repo, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains([]string{".git", "node_modules", "build", "dist"}, entry.Name()):
			return fs.SkipDir
		case path.Ext(name) == ".md" && entry.Type().IsRegular():
			text, err := fs.ReadFile(repo, name)
			all[name] = strings.ReplaceAll(string(text), "\r\n", "\n")
			return err
		}
		return nil
	})
	if err != nil || len(all) < 8 {
		t.Fatalf("%d pages, %v", len(all), err)
	}
	return all
}

var (
	fencedBlock = regexp.MustCompile("(?ms)^[ \t]*```.*?^[ \t]*```[ \t]*$")
	codeSpan    = regexp.MustCompile("`[^`\n]+`")
	linkTarget  = regexp.MustCompile(`\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)|(?m:^\[[^\]]+\]:\s*(\S+))|\b(?:src|srcset|href)="([^"]+)"`)
	heading     = regexp.MustCompile(`(?m)^#{1,6} +(.*?) *#*$`)
	namedAnchor = regexp.MustCompile(`\b(?:id|name)="([^"]+)"`)
	scheme      = regexp.MustCompile(`^[a-z][a-z0-9+.-]*:`)
)

// Each relative link of each page leads to a file of the repository, and its anchor to
// a heading there.
func TestLinksLeadSomewhere(t *testing.T) {
	all := pages(t)
	links := 0
	for name, text := range all {
		for _, target := range linksIn(text) {
			if scheme.MatchString(target) {
				continue
			}
			links++
			if fault := follow(all, name, target); fault != "" {
				t.Errorf("%s: the link %s: %s", name, target, fault)
			}
		}
	}
	if links < 20 {
		t.Errorf("only %d links are found", links)
	}
}

func TestFollow(t *testing.T) {
	all := map[string]string{"a/page.md": "# One `two`: three\n\n```\n# no heading\n```\n# Same\n# Same\n<a id=\"own\">", "README.md": ""}
	for target, want := range map[string]string{
		"#one-two-three": "", "#same": "", "#same-1": "", "#own": "", "page.md#same": "", "../a/page.md": "", "../go.mod": "",
		"#no-heading": "there is no such heading", "#two": "there is no such heading", "missing.md": "there is no such file",
		"../../../x": "leads out of the repository", "/go.mod": "is not relative", "../go.mod#x": "is no page, and has no headings",
	} {
		if got := follow(all, "a/page.md", target); got != want {
			t.Errorf("%s: %q, want %q", target, got, want)
		}
	}
}

func linksIn(text string) (targets []string) {
	text = codeSpan.ReplaceAllString(fencedBlock.ReplaceAllString(text, ""), "")
	for _, match := range linkTarget.FindAllStringSubmatch(text, -1) {
		targets = append(targets, match[1]+match[2]+match[3])
	}
	return targets
}

// follow says what is wrong with a link on a page, or nothing.
func follow(all map[string]string, page, target string) string {
	file, anchor, hasAnchor := strings.Cut(target, "#")
	if strings.HasPrefix(file, "/") {
		return "is not relative"
	}
	to := page
	if file != "" {
		to = path.Join(path.Dir(page), file)
	}
	text, isPage := all[to]
	switch {
	case strings.HasPrefix(to, "../"):
		return "leads out of the repository"
	case !isPage && !exists(to):
		return "there is no such file"
	case !hasAnchor:
		return ""
	case !isPage:
		return "is no page, and has no headings"
	case !slices.Contains(anchors(text), anchor):
		return "there is no such heading"
	}
	return ""
}

func exists(name string) bool {
	_, err := os.Stat(filepath.Join("..", "..", filepath.FromSlash(name)))
	return err == nil
}

// anchors returns what a page's headings can be linked by, as GitHub names them.
func anchors(text string) (names []string) {
	text = fencedBlock.ReplaceAllString(text, "")
	seen := map[string]int{}
	for _, match := range heading.FindAllStringSubmatch(text, -1) {
		words := regexp.MustCompile(`\]\([^)]*\)`).ReplaceAllString(match[1], "")
		name := regexp.MustCompile(`[^\p{L}\p{N}\-_ ]`).ReplaceAllString(strings.ToLower(words), "")
		name = strings.ReplaceAll(name, " ", "-")
		if n := seen[name]; n > 0 {
			names = append(names, fmt.Sprintf("%s-%d", name, n))
		} else {
			names = append(names, name)
		}
		seen[name]++
	}
	for _, match := range namedAnchor.FindAllStringSubmatch(text, -1) {
		names = append(names, match[1])
	}
	return names
}

// What the pages name is there: tests, files, and the flags of tests.
func TestPagesNameWhatThereIs(t *testing.T) {
	tests, flags := testsAndFlags(t)
	for name, text := range pages(t) {
		if name == "CHANGELOG.md" {
			continue // is of what was there once, too
		}
		for _, word := range regexp.MustCompile(`\b(?:Test|Fuzz|Benchmark)[A-Z]\w*`).FindAllString(text, -1) {
			if word != "TestMain" && !tests[word] {
				t.Errorf("%s names %s, and there is no such test", name, word)
			}
		}
		for _, command := range regexp.MustCompile("go test [^`\n]*").FindAllString(text, -1) {
			for _, arg := range strings.Fields(command)[2:] {
				arg = strings.Trim(arg, "'$")
				if folder, isFolder := strings.CutPrefix(arg, "./"); isFolder && !exists(strings.TrimSuffix(strings.TrimSuffix(folder, "..."), "/")) {
					t.Errorf("%s: %s: no folder %s", name, command, arg)
				}
				if flag, isFlag := strings.CutPrefix(arg, "-"); isFlag && !flags[strings.Split(flag, "=")[0]] {
					t.Errorf("%s: %s: no flag %s", name, command, arg)
				}
			}
		}
		for _, span := range codeSpan.FindAllString(text, -1) {
			file := strings.Trim(span, "`")
			if regexp.MustCompile(`^(annotate|emit|envelope|runtime|cmd|testdata|example|\.ci|\.github)/[\w./-]+$`).MatchString(file) && !exists(file) {
				t.Errorf("%s names the file %s, and there is none", name, file)
			}
		}
	}
}

// testsAndFlags returns the names of all tests, and of the flags that go test knows or
// that tests define.
func testsAndFlags(t *testing.T) (tests, flags map[string]bool) {
	tests, flags = map[string]bool{}, map[string]bool{}
	for _, ofGo := range []string{"run", "v", "race", "tags", "timeout", "bench", "benchtime", "fuzz", "count", "cpuprofile"} {
		flags[ofGo] = true
	}
	testFunc := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)\w+)\(`)
	testFlag := regexp.MustCompile(`flag\.(?:Bool|Int|Int64|Uint64|String|Duration)\("([\w.-]+)"`)
	err := filepath.WalkDir(filepath.Join("..", ".."), func(name string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, "_test.go") {
			return err
		}
		src, err := os.ReadFile(name)
		for _, match := range testFunc.FindAllSubmatch(src, -1) {
			tests[string(match[1])] = true
		}
		for _, match := range testFlag.FindAllSubmatch(src, -1) {
			flags[string(match[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tests, flags
}
