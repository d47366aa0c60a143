package topics

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/catalog"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/cluster"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/command"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
	onex "github.com/omninode-ai/onexevents/runtime"
)

// topicsOptions are the flags of topics plan and topics apply.
type topicsOptions struct {
	connection cluster.Settings
	chosen     *catalog.Chosen
	file       string
	flags      onex.TopicSettings // what flags say goes before the file
	retention  retention
	letters    retention
	json       bool
	timeout    time.Duration
}

// SetUpPlan is for onexctl topics plan.
func SetUpPlan(flags *flag.FlagSet) command.Action {
	opts := newTopicsOptions(flags)
	return func(ctx context.Context, s terminal.Streams, args []string) (bool, error) {
		plan, faulty, err := opts.run(ctx, s, args, onex.PlanTopics)
		create, change := plan.Pending()
		return create+change+faulty == 0, err
	}
}

// SetUpApply is for onexctl topics apply.
func SetUpApply(flags *flag.FlagSet) command.Action {
	opts := newTopicsOptions(flags)
	return func(ctx context.Context, s terminal.Streams, args []string) (bool, error) {
		_, faulty, err := opts.run(ctx, s, args, onex.EnsureTopics)
		return faulty == 0, err
	}
}

func newTopicsOptions(flags *flag.FlagSet) *topicsOptions {
	opts := &topicsOptions{connection: cluster.Connection(flags), chosen: catalog.Choose(flags)}
	flags.StringVar(&opts.file, "settings", "", "")
	flags.IntVar(&opts.flags.Events.Partitions, "partitions", 0, "")
	flags.IntVar(&opts.flags.Events.ReplicationFactor, "replication-factor", 0, "")
	flags.Var(&opts.retention, "retention", "")
	flags.BoolVar(&opts.flags.NoDeadLetters, "no-dlq", false, "")
	flags.IntVar(&opts.flags.DeadLetters.Partitions, "dlq-partitions", 0, "")
	flags.Var(&opts.letters, "dlq-retention", "")
	flags.BoolVar(&opts.flags.Overwrite, "overwrite", false, "")
	flags.BoolVar(&opts.json, "json", false, "")
	flags.DurationVar(&opts.timeout, "timeout", 5*time.Minute, "")
	return opts
}

// provide is onex.PlanTopics or onex.EnsureTopics.
type provide = func(context.Context, []string, onex.TopicSettings, ...kgo.Opt) (onex.TopicPlan, error)

// run returns the plan, and how many topics cannot be as asked for.
func (opts *topicsOptions) run(ctx context.Context, s terminal.Streams, args []string, provide provide) (plan onex.TopicPlan, faulty int, err error) {
	if len(args) > 0 {
		return plan, 0, command.Misuse("argument %q is too much; catalogs are given with -f, topics with -topic", args[0])
	}
	if opts.timeout <= 0 {
		return plan, 0, command.Misuse("-timeout: %v is no time to wait", opts.timeout)
	}
	cfg, client, err := opts.connection()
	if err != nil {
		return plan, 0, err
	}
	settings, err := opts.settings(cfg)
	if err != nil {
		return plan, 0, err
	}
	topics, err := opts.chosen.Topics(s.In, cfg.Namespace, cfg.Profile == onex.Profile2)
	if err != nil {
		return plan, 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, opts.timeout)
	defer cancel()
	plan, err = provide(ctx, topics, settings, client...)
	if err != nil && plan.Topics == nil {
		return plan, 0, errors.New(onex.MaskSecrets(err.Error()))
	}
	var strange []string
	if !plan.Done && opts.chosen.HasCatalog() {
		if strange, err = unnamed(ctx, plan, cfg.Namespace, client); err != nil {
			return plan, 0, err
		}
	}
	if err := opts.print(s, plan, strange); err != nil {
		return plan, 0, err
	}
	return plan, faults(plan), couldLook(s, plan)
}

func (opts *topicsOptions) print(s terminal.Streams, plan onex.TopicPlan, strange []string) error {
	if opts.json {
		return terminal.PrintJSON(s, planJSON(plan, strange))
	}
	for _, name := range strange {
		if _, err := fmt.Fprintf(s.Out, "-       %s: is on the cluster, and in no catalog\n", terminal.Printable(name)); err != nil {
			return err
		}
	}
	_, err := fmt.Fprint(s.Out, printable(plan))
	return err
}

// unnamed are the topics of the namespace that are on the cluster, and are none of
// those that are planned.
func unnamed(ctx context.Context, plan onex.TopicPlan, namespace string, opts []kgo.Opt) ([]string, error) {
	names, err := cluster.TopicNames(ctx, opts)
	planned := map[string]bool{}
	for _, c := range plan.Topics {
		planned[c.Topic] = true
	}
	return slices.DeleteFunc(names, func(name string) bool {
		return planned[name] || !strings.HasPrefix(name, namespace+".")
	}), err
}

func faults(plan onex.TopicPlan) (n int) {
	for _, c := range plan.Topics {
		if c.Err != nil {
			n++
		}
	}
	return n
}

// couldLook says how many topics cannot be as asked for, and returns an error if
// it is for want of rights.
func couldLook(s terminal.Streams, plan onex.TopicPlan) error {
	n := faults(plan)
	if n == 0 {
		return nil
	}
	fault := fmt.Errorf("%d of %s cannot be as asked for; the plan says why", n, terminal.Counted(int64(len(plan.Topics)), "topic"))
	for _, c := range plan.Topics {
		if c.Err != nil && onex.CauseOf(c.Err) == onex.CauseAuthorization {
			return fault
		}
	}
	name := "onexctl topics plan"
	if plan.Done {
		name = "onexctl topics apply"
	}
	s.Say(name, "%v", fault)
	return nil
}

// settings returns what the flags, the file and the environment ask for, in
// this order.
func (opts *topicsOptions) settings(cfg onex.Config) (onex.TopicSettings, error) {
	var settings onex.TopicSettings
	if opts.file != "" {
		var err error
		if settings, err = readSettings(opts.file); err != nil {
			return settings, err
		}
	}
	settings.DeadLetterSuffix, settings.OnexDLQ = cfg.DeadLetterSuffix, cfg.Profile == onex.Profile2
	settings.NoDeadLetters = settings.NoDeadLetters || cfg.NoDeadLetters || opts.flags.NoDeadLetters
	settings.Overwrite = settings.Overwrite || opts.flags.Overwrite
	given(&settings.Events.Partitions, opts.flags.Events.Partitions)
	given(&settings.Events.ReplicationFactor, opts.flags.Events.ReplicationFactor)
	given(&settings.Events.Retention, time.Duration(opts.retention))
	given(&settings.DeadLetters.Partitions, opts.flags.DeadLetters.Partitions)
	given(&settings.DeadLetters.Retention, time.Duration(opts.letters))
	return settings, nil
}

// given sets a field to what a flag says, if it says something.
func given[T comparable](field *T, flag T) {
	var none T
	if flag != none {
		*field = flag
	}
}

// topicJSON is a topic of a plan as -json prints it.
type topicJSON struct {
	Topic    string        `json:"topic"`
	Action   string        `json:"action"` // create, change, none or fault
	Changes  []settingJSON `json:"changes"`
	Kept     []settingJSON `json:"kept"`
	Warnings []string      `json:"warnings"`
	Error    string        `json:"error,omitempty"`
}

type settingJSON struct {
	Name   string `json:"name"`
	Have   string `json:"have,omitempty"`
	Want   string `json:"want"`
	Reason string `json:"reason,omitempty"`
}

// printable returns a plan with all escaped that brokers and catalogs say, so that
// no text of theirs makes a line of its own.
func printable(plan onex.TopicPlan) onex.TopicPlan {
	settings := func(all []onex.SettingChange) []onex.SettingChange {
		all = slices.Clone(all)
		for i, s := range all {
			all[i] = onex.SettingChange{Name: terminal.Printable(s.Name), Have: terminal.Printable(s.Have), Want: terminal.Printable(s.Want), Reason: terminal.Printable(s.Reason)}
		}
		return all
	}
	plan.Topics = slices.Clone(plan.Topics)
	for i, c := range plan.Topics {
		c.Topic, c.Changes, c.Kept, c.Warnings = terminal.Printable(c.Topic), settings(c.Changes), settings(c.Kept), slices.Clone(c.Warnings)
		for i, w := range c.Warnings {
			c.Warnings[i] = terminal.Printable(w)
		}
		if c.Err != nil {
			c.Err = errors.New(terminal.Printable(c.Err.Error()))
		}
		plan.Topics[i] = c
	}
	return plan
}

func planJSON(plan onex.TopicPlan, strange []string) any {
	out := struct {
		Done      bool        `json:"done"`
		Create    int         `json:"create"`
		Change    int         `json:"change"`
		Topics    []topicJSON `json:"topics"`
		Unmatched []string    `json:"unmatched"`
		Unnamed   []string    `json:"unnamed"` // on the cluster, and in no catalog
	}{Done: plan.Done, Unmatched: plan.Unmatched, Unnamed: strange}
	out.Create, out.Change = plan.Pending()
	for _, c := range plan.Topics {
		t := topicJSON{Topic: c.Topic, Action: "none", Warnings: c.Warnings}
		for _, s := range c.Changes {
			t.Changes = append(t.Changes, settingJSON(s))
		}
		for _, s := range c.Kept {
			t.Kept = append(t.Kept, settingJSON(s))
		}
		switch {
		case c.Err != nil:
			t.Action, t.Error = "fault", c.Err.Error()
		case c.Create:
			t.Action = "create"
		case len(c.Changes) > 0:
			t.Action = "change"
		}
		out.Topics = append(out.Topics, t)
	}
	return out
}
