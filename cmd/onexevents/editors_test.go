package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The settings that README shows for editors are run as the editors would run
// them, on a file that has just been saved.
func TestReadmeEditors(t *testing.T) {
	r := readReadme(t)
	t.Run("watch", func(t *testing.T) {
		args, found := strings.CutPrefix(r.settings(t, "on every save")[0], "go tool onexevents -watch ")
		if !found {
			t.Fatalf("another command, %s", args)
		}
		dir := savedFile(t, r.repo)
		w := startWatch(t, dir, args)
		w.says("written " + filepath.Join("sub", "saved_events_gen.go"))
	})
	t.Run("VS Code", func(t *testing.T) {
		var settings struct {
			RunOnSave struct {
				Commands []struct{ Match, Cmd string }
			} `json:"emeraldwalk.runonsave"`
		}
		line := r.settings(t, "VS Code")[0]
		if err := json.Unmarshal([]byte("{"+line+"}"), &settings); err != nil || len(settings.RunOnSave.Commands) != 1 {
			t.Fatalf("%s: %v", line, err)
		}
		dir := savedFile(t, r.repo)
		saved := filepath.Join(dir, "sub", "saved.go")
		command := settings.RunOnSave.Commands[0]
		if !regexp.MustCompile(command.Match).MatchString(saved) {
			t.Errorf("%s does not match %s", command.Match, saved)
		}
		shell(t, dir, nil, strings.ReplaceAll(command.Cmd, "${file}", saved))
		wantGenerated(t, dir)
	})
	t.Run("GoLand", func(t *testing.T) {
		settings := r.settings(t, "GoLand")
		if len(settings) != 3 {
			t.Fatalf("settings %q", settings)
		}
		dir := savedFile(t, r.repo)
		sub := filepath.Join(dir, "sub")
		macros := strings.NewReplacer("$FilePath$", filepath.Join(sub, "saved.go"), "$FileDir$", sub)
		shell(t, macros.Replace(settings[2]), nil, settings[0]+" "+macros.Replace(settings[1]))
		wantGenerated(t, dir)
	})
	t.Run("vim", func(t *testing.T) {
		setting := r.settings(t, "vim")[0]
		if _, err := exec.LookPath("vim"); err != nil {
			t.Skip("vim is not installed")
		}
		dir := savedFile(t, r.repo)
		if err := os.WriteFile(filepath.Join(dir, "vimrc"), []byte(setting+"\n"), 0o666); err != nil {
			t.Fatal(err)
		}
		shell(t, dir, nil, `vim -N -u vimrc -i NONE -es -c 'edit sub/saved.go' -c write -c quit`)
		wantGenerated(t, dir)
	})
}

// settings returns what README shows for an editor, in the table of settings.
func (r readme) settings(t *testing.T, editor string) []string {
	t.Helper()
	row := regexp.MustCompile(`(?m)^\| ` + editor + `[^|]* \| (.*) \|$`).FindStringSubmatch(r.text)
	if row == nil {
		t.Fatalf("README has no setting for %s", editor)
	}
	var settings []string
	for _, code := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[1], -1) {
		settings = append(settings, code[1])
	}
	return settings
}

// savedFile makes a module that has the repository's onexevents as its tool and
// a node in a folder.
func savedFile(t *testing.T, repo string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "a folder")
	if err := os.MkdirAll(filepath.Join(dir, "sub"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := linkModule(repo, dir, "module example.com/m"); err != nil {
		t.Fatal(err)
	}
	replace(t, filepath.Join(dir, "sub", "saved.go"), nodeSource("Saved", "one"))
	return dir
}

func wantGenerated(t *testing.T, dir string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(dir, "sub", "saved_events_gen.go")); err != nil {
		t.Error(err)
	}
}
