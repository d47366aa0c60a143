package spools

import (
	"errors"
	"fmt"
	"io/fs"
	"math"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/command"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool"
)

// held is what was found in a spool's folder.
type held struct {
	onex.Backlog
	unfinished []onex.Spooled
	damage     error // nil if nothing is damaged
}

// inspect reads a spool, and changes nothing.
func inspect(args []string) (held, error) {
	if len(args) != 1 {
		return held{}, command.Misuse("name one folder of a spool, and not %d", len(args))
	}
	backlog, unfinished, err := spool.Inspect(args[0])
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return held{}, fmt.Errorf("%s is no spool: %w; name the folder that spool.Open was given", args[0], err)
	case errors.Is(err, spool.ErrDamaged):
		return held{backlog, unfinished, err}, nil
	case err != nil:
		return held{}, err
	default:
		return held{backlog, unfinished, nil}, nil
	}
}

func (h held) events() int64 {
	var n int64
	for _, t := range h.Topics {
		n += t.Events
	}
	return n
}

// open opens a spool for good. Nothing in it is too old for this, nor too much:
// its owner's bounds are not known here.
func open(dir string, onDamage func(spool.Damage)) (*spool.Spool, error) {
	return spool.Open(dir, spool.MaxAge(0), spool.MaxBytes(math.MaxInt64), spool.OnDamage(onDamage))
}
