package main

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write what commands print into the scripts that compare it")

// runTests runs the tests, between what they have in common.
var runTests = (*testing.M).Run

type tests struct{ *testing.M }

func (t tests) Run() int { return runTests(t.M) }

func TestMain(m *testing.M) {
	// Under the race detector each of the many processes would sleep a second
	// at its end.
	os.Setenv("GORACE", "atexit_sleep_ms=0")
	if os.Getenv(asCommand) != "" {
		main()
	}
	testscript.Main(tests{m}, map[string]func(){"onexctl": main, "crash": crash})
}

// The scripts are the manual's other half: testdata/script/category-what.txtar
// shows one behaviour each, through the real main.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(env *testscript.Env) error {
			env.Setenv("TZ", "UTC")
			env.Setenv("GORACE", os.Getenv("GORACE"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"kafka":   startKafka,
			"story":   publishStory,
			"produce": produceFile,
			"consume": consumeInto,
			"await":   await,
			"code":    exitsWith,
			"topic":   createTopic,
			"secured": startSecured,
			"large":   publishLarge,
			"limit":   limit,
			"hold":    hold,
			"damage":  damage,
		},
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}
