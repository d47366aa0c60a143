package main

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// The nodes of the page about changing events stand in testdata, so as not to be
// in the example's catalog. What is generated for them is current all the same.
func TestChangingIsCurrent(t *testing.T) {
	files, err := filepath.Glob("changing/testdata/*/stamper.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	out, err := exec.Command("go", append([]string{"tool", "onexevents", "-check"}, files...)...).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
