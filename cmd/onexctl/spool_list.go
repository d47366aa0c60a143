package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/omninode-ai/onexevents/envelope"
	onex "github.com/omninode-ai/onexevents/runtime"
)

func setUpSpoolList(flags *flag.FlagSet) action {
	asJSON := flags.Bool("json", false, "")
	return func(_ context.Context, s streams, args []string) (bool, error) {
		h, err := inspect(args)
		if err != nil {
			return false, err
		}
		if *asJSON {
			err = h.printJSON(s)
		} else {
			err = h.print(s, time.Now())
		}
		if h.damage != nil {
			fmt.Fprintf(s.err, "onexctl spool list: %s; onexctl spool verify -repair saves what can be read\n", printable(h.damage.Error()))
		}
		return h.damage == nil, err
	}
}

// print prints what is in the spool for people.
func (h held) print(s streams, now time.Time) error {
	table := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "TOPIC\tEVENTS\tSIZE\tOLDEST")
	for _, t := range h.Topics {
		age := now.Sub(t.Oldest).Round(time.Second)
		fmt.Fprintf(table, "%s\t%d\t%s\t%s, %s ago\n", printable(t.Topic), t.Events, size(t.Bytes), t.Oldest.Local().Format(stamp), age)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(s.out, "%s in %s, %s not finished\n",
		counted(h.events(), "event"), size(h.Bytes), counted(int64(len(h.unfinished)), "operation"))
	for _, started := range h.unfinished {
		if err == nil {
			_, err = fmt.Fprintf(s.out, "\t%s\n", describe(started))
		}
	}
	return err
}

// describe says which operation has begun.
func describe(started onex.Spooled) string {
	env, err := envelope.Decode(started.Value)
	if err != nil {
		return printable(fmt.Sprintf("%s: %v", started.Operation, err))
	}
	return printable(fmt.Sprintf("%s %s %s %s, correlation %s", env.EventTimestamp.Local().Format(stamp),
		strings.TrimSuffix(env.EventType, ".started"), env.EventID, env.SourceNodeID, short(env.CorrelationID)))
}

// printJSON prints it for programs.
func (h held) printJSON(s streams) error {
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
	_, err = fmt.Fprintf(s.out, "%s\n", escapeJSON(text))
	return err
}
