package annotate_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/omninode-ai/onexevents/annotate"
)

func TestFolders(t *testing.T) {
	dir := module(t, map[string]string{
		"go.work":           "go 1.26\n\nuse ./m\n",
		"m/go.mod":          "module example.com/m\n\nignore ./a/skipped\n",
		"m/a/skipped/x.txt": "",
		"m/a/a.go":          "package a\n",
		"m/a/b/none.txt":    "",
		"m/a/testdata/x.go": "package x\n",
		"m/a/vendor/x.go":   "package x\n",
		"m/a/_old/x.go":     "package x\n",
		"m/ab/ab.go":        "package ab\n",
		"other/other.go":    "package other\n",
	})
	for _, tt := range []struct {
		in       string
		patterns []string
		want     []string
	}{
		{"m/a", nil, []string{"", "m", "m/a"}},
		{"m", []string{"./a"}, []string{"", "m", "m/a"}},
		{"m", []string{"./a/..."}, []string{"", "m", "m/a", "m/a/b"}},
		{"m", []string{"./a..."}, []string{"", "m", "m/a", "m/a/b", "m/ab"}},
		{"m/a", []string{"../ab", "./b"}, []string{"", "m", "m/a/b", "m/ab"}},
		{"m/ab", []string{"example.com/m/..."}, []string{"", "m", "m/a", "m/a/b", "m/ab"}},
		{"m", []string{"example.com/m/a"}, []string{"", "m", "m/a"}},
		{"m/a", []string{"example.com/m/gone"}, []string{"", "m", "m/gone"}},
		{"m/a", []string{"example.com/more"}, []string{"", "m"}},
		{"m", []string{filepath.Join(dir, "other")}, []string{"", "m", "other"}},
		{"m", []string{"./nosuch/..."}, []string{"", "m"}},
	} {
		got, err := annotate.Folders(filepath.Join(dir, filepath.FromSlash(tt.in)), tt.patterns...)
		var want []string
		for _, name := range tt.want {
			want = append(want, filepath.Join(dir, filepath.FromSlash(name)))
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("in %s, %q lead to %q, want %q, error %v", tt.in, tt.patterns, got, want, err)
		}
	}
	if got, err := annotate.Folders(t.TempDir(), "example.com/..."); err != nil || len(got) != 0 {
		t.Errorf("outside of a module: %q, error %v", got, err)
	}
}
