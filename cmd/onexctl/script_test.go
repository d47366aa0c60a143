package main

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
	"github.com/omninode-ai/onexevents/testdata/scriptkit"
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
	if os.Getenv(asMeasured) != "" {
		measured()
	}
	testscript.Main(tests{m}, map[string]func(){"onexctl": redirected, "crash": crash})
}

// redirected runs onexctl with its output in the files STDOUT_TO and STDERR_TO of the
// environment, so that a script can read them while it runs, or they are a terminal.
func redirected() {
	for name, stream := range map[string]**os.File{"STDOUT_TO": &os.Stdout, "STDERR_TO": &os.Stderr} {
		if to := os.Getenv(name); to != "" {
			f, err := os.Create(to)
			if err != nil {
				panic(err)
			}
			*stream = f
		}
	}
	main()
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
		Cmds: scriptkit.With(map[string]func(*testscript.TestScript, bool, []string){
			"kafka":   startKafka,
			"story":   publishStory,
			"produce": produceFile,
			"consume": consumeInto,
			"await":   await,
			"code":    exitsWith,
			"topic":   createTopic,
			"secured": startSecured,
			"login":   startLogin,
			"large":   publishLarge,
			"limit":   limit,
			"hold":    hold,
			"damage":  damage,
			"plant":   plant,
		}),
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

// asMeasured makes the test binary onexctl, which then writes into a file what the
// system knows of the process.
const asMeasured = "ONEXCTL_TEST_MEASURED"

func measured() {
	code := run(os.Args[1:], terminal.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
	status, err := os.ReadFile("/proc/self/status")
	if err == nil {
		err = os.WriteFile(os.Getenv(asMeasured), status, 0o666)
	}
	if err != nil {
		panic(err)
	}
	os.Exit(code)
}
