package spooltest

import (
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// A spool in memory keeps its content outside of what open returns.
func TestDouble(t *testing.T) { Test(t, newContent("").open) }

// fault is what a double does wrong; "" is nothing.
type fault string

// faults are the faults, and the promise that each breaks first of all.
var faults = map[fault]string{
	"opens nothing":                               "NextProcess",
	"starts anew":                                 "NextProcess",
	"forgets operations when it is closed":        "NextProcess",
	"loses what is appended at once":              "ConcurrentUse",
	"writes into the value":                       "EventsUnchanged",
	"Remove wipes what it removes":                "EventsUnchanged",
	"forgets the key":                             "AnyEvent",
	"forgets the headers":                         "AnyEvent",
	"makes no key an empty one":                   "AnyEvent",
	"cuts the value":                              "AnyEvent",
	"forgets when an event was accepted":          "AnyEvent",
	"ignores Operation":                           "AnyEvent",
	"appends what comes before an error":          "AppendAllOrNone",
	"Close drops the last event":                  "AppendSurvives",
	"refuses lower Seqs":                          "AppendLowerSeqs",
	"refuses what is lower than what was removed": "AppendLowerSeqs",
	"ignores what comes again":                    "AppendReplaces",
	"keeps the value when an event comes again":   "AppendReplaces",
	"stores what comes again twice":               "AppendReplaces",
	"replaces the same Seq in other topics":       "AppendReplaces",
	"has no bound":                                "Bounded",
	"drops the newest":                            "DroppedFirst",
	"drops by topic":                              "DroppedFirst",
	"drops in silence":                            "DroppedFirst",
	"returns the dropped in no order":             "DroppedFirst",
	"returns what it has not dropped":             "DroppedFirst",
	"forgets what the dropped were":               "DroppedFirst",
	"drops nothing that it was just given":        "DroppedGiven",
	"drops the old in silence":                    "TooOld",
	"refuses what is too large":                   "TooLarge",
	"makes room for what is too large":            "TooLarge",
	"appends half when the disk is full":          "DiskFull",
	"does not say that the disk is full":          "DiskFull",
	"Remove fails and removes":                    "DiskFull",
	"Finish fails and finishes":                   "DiskFull",
	"Read ignores the topic":                      "ReadTopic",
	"Read takes topics that begin alike":          "ReadTopic",
	"Read of an unknown topic is an error":        "ReadTopic",
	"Read takes after with it":                    "ReadAfter",
	"Read wraps around":                           "ReadAfter",
	"Read loses the order":                        "ReadAfter",
	"Read ignores the limit":                      "ReadLimit",
	"Read returns one at least":                   "ReadLimit",
	"Read returns one too few":                    "ReadLimit",
	"Remove goes one too far":                     "RemoveThrough",
	"Remove stops one too early":                  "RemoveThrough",
	"Remove does nothing":                         "RemoveThrough",
	"Remove leaves the first":                     "RemoveThrough",
	"Remove takes all topics":                     "RemoveTopic",
	"Remove of what is not there is an error":     "RemoveTopic",
	"Finish is forgotten":                         "Finish",
	"Finish takes the first alone":                "Finish",
	"Finish removes the event":                    "Finish",
	"Finish of what was not started is an error":  "FinishUnknown",
	"Finish stops at what was not started":        "FinishUnknown",
	"ignores Finishes":                            "Finishes",
	"finishes what an event starts":               "Unfinished",
	"Unfinished loses the order":                  "Unfinished",
	"Unfinished knows only what is there":         "UnfinishedRemoved",
	"Remove finishes the operations":              "UnfinishedRemoved",
	"forgets the operations of what it drops":     "UnfinishedDropped",
	"a page begins with the one before":           "UnfinishedPages",
	"a page ignores the limit":                    "UnfinishedPages",
	"a page has one too few":                      "UnfinishedPages",
	"a page loses the order":                      "UnfinishedPages",
	"Reject removes":                              "Reject",
	"Reject finishes":                             "Reject",
	"Backlog loses the order":                     "BacklogTopics",
	"Backlog keeps a topic without events":        "BacklogTopics",
	"Backlog counts an event too many":            "BacklogTopics",
	"Backlog has the Seq of the last":             "BacklogTopics",
	"Backlog has the time of the oldest":          "BacklogTopics",
	"Backlog counts no bytes":                     "BacklogBytes",
	"Backlog has no LastSeq":                      "BacklogLastSeq",
	"Remove forgets the last Seq":                 "BacklogLastSeq",
	"forgets LastSeq when it is closed":           "BacklogLastSeq",
	"is not released by Close":                    "CloseReleases",
	"a second Close is an error":                  "CloseAgain",
	"a second Close forgets":                      "CloseAgain",
	"Close drops the last of several goroutines":  "CloseInUse",
	"loses a late one of many":                    "History",
}

// Each fault is found by the promise that it breaks first, and each promise finds
// a fault.
func TestFaults(t *testing.T) {
	broken := map[string]bool{}
	for _, f := range slices.Sorted(maps.Keys(faults)) {
		i := slices.IndexFunc(promises, func(p promise) bool { return p.name == faults[f] })
		if i < 0 {
			t.Fatalf("no promise is called %s", faults[f])
		}
		var r recorder
		for try := 0; try < 100 && len(r.failures) == 0; try++ { // what several goroutines do wrong does not show each time
			r.run(func() { promises[i].keep(&r, newContent(f).open) })
		}
		if len(r.failures) == 0 {
			t.Errorf("%s does not find the fault %q", faults[f], f)
			continue
		}
		broken[faults[f]] = true
		t.Logf("%s finds %q: %s", faults[f], f, strings.ReplaceAll(r.failures[0], "\n", " "))
	}
	for _, p := range promises {
		if !broken[p.name] {
			t.Errorf("there is no fault that shows that %s can fail", p.name)
		}
	}
}

// recorder is a tester that keeps the failures to itself.
type recorder struct {
	mu       sync.Mutex
	failures []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func (r *recorder) FailNow() { runtime.Goexit() }

func (r *recorder) run(test func()) {
	var wg sync.WaitGroup
	wg.Go(test)
	wg.Wait()
}
