package topics

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Plan says, topic by topic, what is to be done or was done.
type Plan struct {
	// Topics has all topics, those of dead letters too, sorted by name.
	Topics []Change

	// Unmatched has the patterns of overrides that are for none of the topics.
	Unmatched []string

	// Done: what the plan says was done, but for the topics that have an error.
	Done bool
}

// Change is what is done with one topic. If neither Create nor Changes nor
// Err is set, there is nothing to do.
type Change struct {
	Topic string

	// Create: the topic does not exist, and is made with what Changes has.
	Create bool

	// Changes are the settings that the topic gets.
	Changes []SettingChange

	// Kept are the settings that differ from what was asked for, and stay.
	Kept []SettingChange

	// Warnings are what the changes bring with them.
	Warnings []string

	// Err is why the topic cannot be, or could not be, made or changed. Some of
	// the changes may have been made.
	Err error
}

// SettingChange is a setting by Kafka's name of it, or "partitions" or
// "replication.factor". Have is "" for a topic that does not exist.
type SettingChange struct {
	Name, Have, Want string

	// Reason says why the setting is kept.
	Reason string
}

// isPending tells whether there is something to do.
func (c Change) isPending() bool { return c.Create || len(c.Changes) > 0 }

// Pending returns how many topics there are to create and to change, those that
// have an error not counted.
func (p Plan) Pending() (create, change int) {
	for _, c := range p.Topics {
		switch {
		case c.Err != nil:
		case c.Create:
			create++
		case c.isPending():
			change++
		}
	}
	return create, change
}

// shownErrors is how many different errors one error tells of.
const shownErrors = 10

// Err returns the errors of the topics, each once with the first topic that
// has it, or nil.
func (p Plan) Err() error {
	type group struct {
		topic string
		err   error
		n     int
	}
	var groups []*group
	byText := map[string]*group{}
	for _, c := range p.Topics {
		if c.Err == nil {
			continue
		}
		g, ok := byText[c.Err.Error()]
		if !ok {
			g = &group{topic: c.Topic, err: c.Err}
			byText[c.Err.Error()] = g
			groups = append(groups, g)
		}
		g.n++
	}
	var errs []error
	for i, g := range groups {
		switch {
		case i == shownErrors:
			return errors.Join(append(errs, fmt.Errorf("and %d other errors, which the plan has", len(groups)-i))...)
		case g.n > 1:
			errs = append(errs, fmt.Errorf("topic %s and %d more: %w", g.topic, g.n-1, g.err))
		default:
			errs = append(errs, fmt.Errorf("topic %s: %w", g.topic, g.err))
		}
	}
	return errors.Join(errs...)
}

// String returns the plan for people: a line for each topic that is not
// exactly what was asked for, and a sum.
func (p Plan) String() string {
	var b strings.Builder
	verbs := [...]string{"create ", "change ", "to create", "to change"}
	if p.Done {
		verbs = [...]string{"created", "changed", "created", "changed"}
	}
	var create, change, keep, fault int
	for _, c := range p.Topics {
		switch {
		case c.Err != nil:
			fault++
			fmt.Fprintf(&b, "fault   %s: %s\n", c.Topic, oneLine(c.Err.Error()))
		case c.Create:
			create++
			fmt.Fprintf(&b, "%s %s: %s\n", verbs[0], c.Topic, listed(c.Changes))
		case c.isPending():
			change++
			fmt.Fprintf(&b, "%s %s: %s\n", verbs[1], c.Topic, listed(c.Changes))
		case len(c.Kept) > 0:
			keep++
			fmt.Fprintf(&b, "keep    %s\n", c.Topic)
		}
		for _, k := range c.Kept {
			fmt.Fprintf(&b, "        keeps %s %s, not %s: %s\n", k.Name, readable(k.Name, k.Have), readable(k.Name, k.Want), k.Reason)
		}
		if c.Err == nil {
			for _, w := range c.Warnings {
				fmt.Fprintf(&b, "        warning: %s\n", w)
			}
		}
	}
	for _, pattern := range p.Unmatched {
		fmt.Fprintf(&b, "note    %q matches none of the topics\n", pattern)
	}
	fmt.Fprintf(&b, "%d topics: %d %s, %d %s, %d as they are, %d with other settings that stay, %d faulty\n",
		len(p.Topics), create, verbs[2], change, verbs[3], len(p.Topics)-create-change-keep-fault, keep, fault)
	return b.String()
}

func listed(changes []SettingChange) string {
	parts := make([]string, len(changes))
	for i, c := range changes {
		if parts[i] = c.Name + " " + readable(c.Name, c.Want); c.Have != "" {
			parts[i] = c.Name + " " + readable(c.Name, c.Have) + " → " + readable(c.Name, c.Want)
		}
	}
	return strings.Join(parts, ", ")
}

// readable returns a setting's value with what it means, if that is not plain.
func readable(name, value string) string {
	n, err := strconv.ParseInt(value, 10, 64)
	switch {
	case value == "":
		return "unset"
	case err != nil || !strings.HasSuffix(name, ".ms"):
		return value
	case n == -1:
		return value + " (for ever)"
	case n < 1000 || n > int64(1<<63-1)/int64(time.Millisecond):
		return value
	}
	d := time.Duration(n) * time.Millisecond
	if d%day == 0 {
		if d == day {
			return value + " (1 day)"
		}
		return fmt.Sprintf("%s (%d days)", value, d/day)
	}
	return fmt.Sprintf("%s (%v)", value, d)
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
