package command

import (
	"flag"
	"time"
)

// UTC gives a command the flag -utc: times are written and read in UTC, and not in
// the zone of the machine.
func UTC(flags *flag.FlagSet) {
	flags.BoolFunc("utc", "", func(string) error {
		time.Local = time.UTC
		return nil
	})
}
