// Package spooltest has the test that every [onex.Spool] has to pass. It is what
// the comments of the interface promise, one subtest for each promise:
//
//	func TestConformance(t *testing.T) {
//		dir := t.TempDir()
//		spooltest.Test(t, func() onex.Spool {
//			s, err := spool.Open(dir, spool.MaxBytes(300<<10))
//			if err != nil {
//				t.Fatal(err)
//			}
//			return s
//		})
//	}
//
// Run it with -race too: what goes wrong when several goroutines use a spool at
// once is found by luck without.
//
// What the machine does to a spool is beyond the test: that events survive
// SIGKILL or a power failure, and what becomes of damage on the disk.
//
// The package imports onex and the standard library.
package spooltest

import (
	"testing"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// Test tests the spool that open returns. It removes what is in there first, so
// do not give it one that is in use.
//
// Open is called again after each Close, never before, and has to return a spool
// with the content that the one before had. A spool in memory therefore keeps
// its content outside of what open returns: each call makes a new value over the
// same content.
//
// The spool has to be bounded, so that it has place for the 200 events of 1 KB
// that the test works with but not for 2,000: 300 KiB are a good bound. The
// events are accepted now, but for those of the subtest TooOld. Times may be
// kept in milliseconds. What a full disk does is tested if the spool is a [Filler], and
// what an [onex.PagedSpool] and an [onex.RejectingSpool] promise, if it is one.
func Test(t *testing.T, open func() onex.Spool) {
	s := probe(t, open)
	for _, p := range promises {
		if p.of != nil && !p.of(s) {
			continue
		}
		t.Run(p.name, func(t *testing.T) {
			defer func() {
				if t.Failed() {
					t.Logf("promised by onex.Spool: %s", p.says)
				}
			}()
			p.keep(t, open)
		})
	}
}

// Filler is a spool whose disk can be filled on purpose.
type Filler interface {
	onex.Spool

	// FillDisk makes the disk full, or simulates it, until free is called. What
	// is in the spool can be read meanwhile, and Append has no place for an
	// event. Remove and Finish may fail or work.
	FillDisk() (free func())
}

// probe returns a spool that is closed, to see what else it is.
func probe(t *testing.T, open func() onex.Spool) onex.Spool {
	s := open()
	if s == nil {
		t.Fatal("open returned nil")
	}
	if err := s.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	return s
}

func is[S onex.Spool](s onex.Spool) bool {
	_, ok := s.(S)
	return ok
}

// promise is a sentence of the interface's comments, and what shows that a spool
// keeps it.
type promise struct {
	name string // of the subtest
	says string
	test func(*check)
	of   func(onex.Spool) bool // which spools promise it; nil for all
}

var promises = []promise{
	// Of the spool as a whole.
	{"NextProcess", "keeps events … for this process or the next to deliver", testNextProcess, nil},
	{"ConcurrentUse", "its methods … are called by several goroutines at once", testConcurrentUse, nil},
	{"EventsUnchanged", "a publisher does not change an event that it has given to the spool, and neither does the spool", testEventsUnchanged, nil},
	{"AnyEvent", "Spooled is an event: Seq, Topic, Key, Value, At, Headers and Operation come back as they were", testAnyEvent, nil},

	// Append.
	{"AppendAllOrNone", "Append puts events on stable storage, all or none", testAllOrNone, nil},
	{"AppendSurvives", "when it returns nil, they survive", testAppendSurvives, nil},
	{"AppendLowerSeqs", "events may come with lower Seqs than those that are there", testLowerSeqs, nil},
	{"AppendReplaces", "one whose Topic and Seq are there already takes the other's place", testReplaces, nil},
	{"Bounded", "a spool is bounded", testBounded, nil},
	{"DroppedFirst", "Append returns the events that it has dropped to make room, those that come first in order of Seq over all topics, in that order", testDroppedFirst, nil},
	{"DroppedGiven", "they may be among the events that it was given", testDroppedGiven, nil},
	{"TooOld", "Append returns the events that it has dropped because they were too old", testTooOld, nil},
	{"TooLarge", "an event that could never be stored is dropped too, and never an error", testTooLarge, nil},
	{"DiskFull", "a full disk is an error, for which errors.Is(err, syscall.ENOSPC)", testDiskFull, is[Filler]},

	// Read and Remove.
	{"ReadTopic", "Read returns the events of a topic", testReadTopic, nil},
	{"ReadAfter", "with a Seq above after, in order", testReadAfter, nil},
	{"ReadLimit", "and at most limit of them", testReadLimit, nil},
	{"RemoveThrough", "Remove forgets the events with a Seq up to through", testRemoveThrough, nil},
	{"RemoveTopic", "Remove forgets the events of a topic", testRemoveTopic, nil},

	// Operations.
	{"Finish", "Finish forgets that operations were started", testFinish, nil},
	{"FinishUnknown", "those that were not are no error", testFinishUnknown, nil},
	{"Finishes", "the event ends the operation of this id, as if it was given to Finish", testFinishes, nil},
	{"Unfinished", "Unfinished returns the events that started the operations that nobody has finished, in order of Seq", testUnfinished, nil},
	{"UnfinishedRemoved", "also those that Remove has forgotten", testUnfinishedRemoved, nil},
	{"UnfinishedDropped", "and Append has dropped", testUnfinishedDropped, nil},

	{"UnfinishedPages", "UnfinishedAfter returns the events of Unfinished with an Operation that comes after this one, byte by byte, in that order, and at most limit of them", testUnfinishedPages, is[onex.PagedSpool]},

	// Reject.
	{"Reject", "Reject keeps events for people to look into; the publisher removes them then", testReject, is[onex.RejectingSpool]},

	// Backlog.
	{"BacklogTopics", "Topics are those with events, in order of name; FirstSeq, and when its event was accepted", testBacklogTopics, nil},
	{"BacklogBytes", "Bytes of the events and the unfinished operations, as the spool's bound counts them", testBacklogBytes, nil},
	{"BacklogLastSeq", "LastSeq is the highest that any event ever had, removed ones included", testBacklogLastSeq, nil},

	// Close.
	{"CloseReleases", "Close releases the spool for others", testCloseReleases, nil},
	{"CloseAgain", "closing it again does nothing", testCloseAgain, nil},
	{"CloseInUse", "Close, while several goroutines use the spool: what Append has returned nil for survives", testCloseInUse, nil},

	{"History", "all of that, in a random order", testHistory, nil},
}

// keep tests whether a spool keeps the promise.
func (p promise) keep(t tester, open func() onex.Spool) {
	c := &check{tester: t, open: open}
	defer c.end()
	c.begin()
	p.test(c)
	c.same()
}
