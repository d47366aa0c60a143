package main

import (
	"context"
	"flag"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/command"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
)

func setUpVersion(flags *flag.FlagSet) command.Action {
	asJSON := flags.Bool("json", false, "")
	return func(_ context.Context, s terminal.Streams, args []string) (bool, error) {
		if len(args) > 0 {
			return false, command.Misuse("argument %q is too much", args[0])
		}
		v := version()
		if *asJSON {
			return true, terminal.PrintJSON(s, v)
		}
		_, err := fmt.Fprintf(s.Out, "onexctl %s, made with %s for %s\n", v.Version, v.Go, v.Platform)
		return true, err
	}
}

// built says which onexctl this is.
type built struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"` // of the repository
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func version() built {
	v := built{Version: "(devel)", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if info.Main.Version != "" {
		v.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			v.Revision = s.Value
		}
	}
	return v
}
