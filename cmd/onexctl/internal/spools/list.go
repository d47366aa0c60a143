package spools

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/command"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
	"github.com/omninode-ai/onexevents/envelope"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool"
)

// SetUpList is for onexctl spool list.
func SetUpList(flags *flag.FlagSet) command.Action {
	asJSON := flags.Bool("json", false, "")
	command.UTC(flags)
	return func(_ context.Context, s terminal.Streams, args []string) (bool, error) {
		h, err := inspect(args)
		if errors.Is(err, spool.ErrInUse) {
			s.Say("onexctl spool list", "%s has the spool; this is what it holds now", holder(err))
			h, err = beside(args[0])
		}
		if err != nil {
			return false, err
		}
		if *asJSON {
			err = h.printJSON(s)
		} else {
			err = h.print(s, time.Now())
		}
		if h.damage != nil {
			s.Say("onexctl spool list", "%v; onexctl spool verify -repair saves what can be read", h.damage)
		}
		return h.damage == nil, err
	}
}

// holder says who has a spool.
func holder(err error) string {
	_, text, _ := strings.Cut(err.Error(), spool.ErrInUse.Error()+": ")
	text, _, _ = strings.Cut(text, " has it;")
	return text
}

// print prints what is in the spool for people.
func (h held) print(s terminal.Streams, now time.Time) error {
	table := tabwriter.NewWriter(s.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "TOPIC\tEVENTS\tSIZE\tOLDEST")
	for _, t := range h.Topics {
		age := now.Sub(t.Oldest).Round(time.Second)
		fmt.Fprintf(table, "%s\t%d\t%s\t%s, %s ago\n", terminal.Field(t.Topic), t.Events, terminal.Size(t.Bytes), t.Oldest.Local().Format(terminal.Stamp), age)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(s.Out, "%s in %s, %s not finished\n",
		terminal.Counted(h.events(), "event"), terminal.Size(h.Bytes), terminal.Counted(int64(len(h.unfinished)), "operation"))
	for _, started := range h.unfinished {
		if err == nil {
			_, err = fmt.Fprintf(s.Out, "\t%s\n", describe(started))
		}
	}
	return err
}

// describe says which operation has begun.
func describe(started onex.Spooled) string {
	env, err := envelope.DecodeAny(started.Value)
	if err != nil {
		return terminal.Field(fmt.Sprintf("%s: %v", started.Operation, err))
	}
	ev := env.Event()
	return terminal.Field(fmt.Sprintf("%s %s %s %s, correlation %s", ev.Time.Local().Format(terminal.Stamp),
		strings.TrimSuffix(ev.Type, ".started"), ev.ID, ev.NodeID, command.Short(ev.CorrelationID)))
}

// printJSON prints it for programs.
func (h held) printJSON(s terminal.Streams) error {
	type topic struct {
		Topic  string    `json:"topic"`
		Events int64     `json:"events"`
		Bytes  int64     `json:"bytes"`
		Oldest time.Time `json:"oldest"`
	}
	object := struct {
		Events     int64             `json:"events"`
		Bytes      int64             `json:"bytes"`
		Topics     []topic           `json:"topics"`
		Unfinished []json.RawMessage `json:"unfinished"` // the started events
		Damage     string            `json:"damage,omitempty"`
	}{Events: h.events(), Bytes: h.Bytes, Topics: []topic{}, Unfinished: []json.RawMessage{}}
	for _, t := range h.Topics {
		object.Topics = append(object.Topics, topic{t.Topic, t.Events, t.Bytes, t.Oldest.UTC()})
	}
	for _, started := range h.unfinished {
		if json.Valid(started.Value) {
			object.Unfinished = append(object.Unfinished, started.Value)
		}
	}
	if h.damage != nil {
		object.Damage = h.damage.Error()
	}
	text, err := json.Marshal(object)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.Out, "%s\n", terminal.EscapeJSON(text))
	return err
}
