package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"
)

// options are what the command line asks for.
type options struct {
	nodes, services, operations int
	mix                         mix
	rate                        float64 // events a second; 0 for as many as are delivered
	duration, patience          time.Duration
	publishers, workers         int
	inFlight                    int
	scheme                      string // of topics
	namespace                   string
	partitions, replication     int
	create, warmUp              bool
	spool                       string
	hooks                       bool
	profile                     string
	json                        bool
	row                         string
}

func parse(args []string, errOut io.Writer) (options, error) {
	o := options{mix: defaultMix}
	f := flag.NewFlagSet("fleet", flag.ContinueOnError)
	f.SetOutput(errOut)
	f.IntVar(&o.nodes, "nodes", 10, "how many nodes there are in all")
	f.IntVar(&o.services, "services", 5, "how many services they belong to, in turn")
	f.IntVar(&o.operations, "operations", 3, "how many operations a node has; n make 3n+2 event types")
	f.Var(&o.mix, "mix", "what is published: how often runs, states and metrics, and of which share (0 to 1) runs fail, nest and states and metrics have metadata")
	f.Float64Var(&o.rate, "rate", 1000, "how many events are published in a second; 0: as many as are delivered")
	f.DurationVar(&o.duration, "for", 10*time.Second, "how long they are published")
	f.DurationVar(&o.patience, "patience", 30*time.Second, "how long Kafka has for what is in flight at the end, and then again for what is in the spool")
	f.IntVar(&o.publishers, "publishers", 1, "how many publishers the nodes have, in turn")
	f.IntVar(&o.workers, "workers", 8, "how many goroutines publish at once")
	f.IntVar(&o.inFlight, "in-flight", 10_000, "Config.MaxInFlight of each publisher")
	f.StringVar(&o.scheme, "topics", "type", "which events have a topic of their own: those of each event type (type), of each service (service) or all together (one)")
	f.StringVar(&o.namespace, "namespace", "", "the beginning of all topics; default DEFAULT_NAMESPACE, or fleet")
	f.BoolVar(&o.create, "create-topics", false, "create the topics before; else the cluster has to have them, or create them by itself")
	f.IntVar(&o.partitions, "partitions", 3, "how many partitions a topic has that is created")
	f.IntVar(&o.replication, "replication", 0, "its replication factor; 0: the cluster's default")
	f.BoolVar(&o.warmUp, "warm-up", true, "publish to each topic once before anything is measured, because a client has to ask for each topic that is new to it")
	f.StringVar(&o.spool, "spool", "", "folder for what Kafka does not take in time; publisher n has its folder n there")
	f.BoolVar(&o.hooks, "hooks", true, "count requests and connections, and measure the time to delivery, by hooks of the Kafka client; they cost a little themselves")
	f.StringVar(&o.profile, "profile", "", "file for a profile of where the processor's time went, for go tool pprof")
	f.BoolVar(&o.json, "json", false, "print the report as JSON")
	f.StringVar(&o.row, "row", "", "print these figures of the report as a row of a table in Markdown: "+strings.Join(sortedColumns(), ", ")+"; with commas between them")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("%q is no flag; everything is said by flags, see -h", f.Arg(0))
	}
	return o, o.check()
}

// check reports all that is wrong.
func (o *options) check() error {
	var faults []error
	refuse := func(is bool, format string, args ...any) {
		if is {
			faults = append(faults, fmt.Errorf(format, args...))
		}
	}
	for name, n := range map[string]int{
		"nodes": o.nodes, "services": o.services, "operations": o.operations, "publishers": o.publishers,
		"workers": o.workers, "in-flight": o.inFlight, "partitions": o.partitions,
	} {
		refuse(n < 1, "-%s is %d; there has to be one at least", name, n)
	}
	refuse(o.nodes < o.services, "%d services need as many nodes, and there are %d; raise -nodes or lower -services", o.services, o.nodes)
	refuse(o.nodes < o.publishers, "%d publishers need as many nodes, and there are %d; raise -nodes or lower -publishers", o.publishers, o.nodes)
	refuse(o.rate < 0, "-rate is %g; it is a number of events, or 0 for as many as are delivered", o.rate)
	refuse(o.duration <= 0, "-for is %v; it has to be longer", o.duration)
	refuse(o.patience < 0, "-patience is %v; it is a time, or 0 for none", o.patience)
	refuse(o.replication < 0 || o.replication > 1<<15-1, "-replication is %d; it is a number of brokers, or 0 for the cluster's default", o.replication)
	_, ok := schemes[o.scheme]
	refuse(!ok, "-topics is %q; it is type, service or one", o.scheme)
	if o.row != "" {
		faults = append(faults, checkColumns(o.row))
	}
	return errors.Join(faults...)
}

// schemes name topics, by what -topics says; nil for the default.
var schemes = map[string]func(namespace, service, eventType string) string{
	"type":    nil,
	"service": byService,
	"one":     func(namespace, _, _ string) string { return namespace + ".events.v1" },
}

func byService(namespace, service, _ string) string { return namespace + "." + service + ".v1" }
