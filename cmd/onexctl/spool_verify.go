package main

import (
	"context"
	"flag"
	"fmt"

	"github.com/omninode-ai/onexevents/runtime/spool"
)

func setUpSpoolVerify(flags *flag.FlagSet) action {
	repair := flags.Bool("repair", false, "")
	return func(_ context.Context, s streams, args []string) (bool, error) {
		h, err := inspect(args)
		switch {
		case err != nil:
			return false, err
		case h.damage == nil:
			_, err := fmt.Fprintf(s.out, "sound: %s, %s not finished\n",
				counted(h.events(), "event"), counted(int64(len(h.unfinished)), "operation"))
			return true, err
		case *repair:
			return repairSpool(s, args[0])
		default:
			fmt.Fprintf(s.err, "onexctl spool verify: %s\n", printable(h.damage.Error()))
			_, err := fmt.Fprintln(s.out, "damaged; -repair saves what can be read")
			return false, err
		}
	}
}

// repairSpool makes the spool find all that is damaged, and deal with it.
func repairSpool(s streams, dir string) (bool, error) {
	lost := 0
	sp, err := open(dir, func(d spool.Damage) {
		lost += d.Lost
		if d.MovedTo != "" {
			fmt.Fprintf(s.out, "the damaged file is now %s; %s of it kept\n", d.MovedTo, counted(int64(d.Kept), "event"))
		}
		fmt.Fprintf(s.out, "%s\n%s lost for sure\n", printable(d.Err.Error()), counted(int64(d.Lost), "event"))
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
	_, err = fmt.Fprintf(s.out, "sound now: %s, %s not finished\n",
		counted(h.events(), "event"), counted(int64(len(h.unfinished)), "operation"))
	return lost == 0, err
}

// readThrough reads all events: one that is damaged shows only then.
func readThrough(sp *spool.Spool) error {
	backlog, err := sp.Backlog()
	if err != nil {
		return err
	}
	for _, t := range backlog.Topics {
		for after := uint64(0); ; {
			events, err := sp.Read(t.Topic, after, 1000)
			if err != nil {
				return err
			}
			if len(events) == 0 {
				break
			}
			after = events[len(events)-1].Seq
		}
	}
	_, err = sp.Unfinished()
	return err
}
