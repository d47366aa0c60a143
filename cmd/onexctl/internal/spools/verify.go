package spools

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/command"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool"
)

// SetUpVerify is for onexctl spool verify.
func SetUpVerify(flags *flag.FlagSet) command.Action {
	repair := flags.Bool("repair", false, "")
	asJSON := flags.Bool("json", false, "")
	return func(_ context.Context, s terminal.Streams, args []string) (bool, error) {
		h, err := inspect(args)
		if err != nil {
			return false, err
		}
		v := verdict{Sound: h.damage == nil, Events: h.events(), Unfinished: len(h.unfinished), Damages: []damage{}}
		if h.damage != nil {
			v.Damage = h.damage.Error()
		}
		switch text := s; {
		case *asJSON && h.damage != nil && *repair:
			text.Out = io.Discard
			good, err := v.repair(text, args[0])
			return good, errors.Join(err, terminal.PrintJSON(s, v))
		case *asJSON:
			return v.Sound, terminal.PrintJSON(s, v)
		case h.damage == nil:
			_, err := fmt.Fprintf(s.Out, "sound: %s, %s not finished\n",
				terminal.Counted(h.events(), "event"), terminal.Counted(int64(len(h.unfinished)), "operation"))
			return true, err
		case *repair:
			return v.repair(s, args[0])
		default:
			s.Say("onexctl spool verify", "%v", h.damage)
			_, err := fmt.Fprintln(s.Out, "damaged; -repair saves what can be read")
			return false, err
		}
	}
}

// verdict is what there is to say of a spool, as -json prints it.
type verdict struct {
	Sound      bool     `json:"sound"` // now
	Events     int64    `json:"events"`
	Unfinished int      `json:"unfinished"` // operations
	Damage     string   `json:"damage,omitempty"`
	Damages    []damage `json:"repaired"` // what was found and dealt with
}

type damage struct {
	Error   string `json:"error"`
	MovedTo string `json:"moved_to,omitempty"`
	Kept    int    `json:"kept"`
	Lost    int    `json:"lost"`
}

// repair makes the spool find all that is damaged, and deal with it.
func (v *verdict) repair(s terminal.Streams, dir string) (bool, error) {
	lost := 0
	sp, err := open(dir, func(d spool.Damage) {
		lost += d.Lost
		v.Damages = append(v.Damages, damage{d.Err.Error(), d.MovedTo, d.Kept, d.Lost})
		if d.MovedTo != "" {
			fmt.Fprintf(s.Out, "the damaged file is now %s; %s of it kept\n", terminal.Printable(d.MovedTo), terminal.Counted(int64(d.Kept), "event"))
		}
		fmt.Fprintf(s.Out, "%s\n%s lost for sure\n", terminal.Printable(d.Err.Error()), terminal.Counted(int64(d.Lost), "event"))
	})
	if err != nil {
		return false, err
	}
	if err := readThrough(sp); err != nil {
		_ = sp.Close()
		return false, err
	}
	if err := sp.Close(); err != nil {
		return false, err
	}
	h, err := inspect([]string{dir})
	switch {
	case err != nil:
		return false, err
	case h.damage != nil:
		return false, fmt.Errorf("the spool is damaged still: %w", h.damage)
	}
	v.Sound, v.Events, v.Unfinished = true, h.events(), len(h.unfinished)
	_, err = fmt.Fprintf(s.Out, "sound now: %s, %s not finished\n",
		terminal.Counted(h.events(), "event"), terminal.Counted(int64(len(h.unfinished)), "operation"))
	return lost == 0, err
}

// readThrough reads all events: one that is damaged shows only then.
func readThrough(sp *spool.Spool) error {
	backlog, err := sp.Backlog()
	if err != nil {
		return err
	}
	for _, t := range backlog.Topics {
		if err := eachEvent(sp, t.Topic, func(onex.Spooled) {}); err != nil {
			return err
		}
	}
	_, err = sp.Unfinished()
	return err
}
