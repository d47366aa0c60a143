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
// kept in milliseconds. What a full disk does is tested if the
// spool is a [Filler].
func Test(t *testing.T, open func() onex.Spool) {
	fills := canFill(t, open)
	for _, p := range promises {
		if p.name == diskFull && !fills {
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

func canFill(t *testing.T, open func() onex.Spool) bool {
	s := open()
	if s == nil {
		t.Fatal("open returned nil")
	}
	if err := s.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	_, ok := s.(Filler)
	return ok
}

// diskFull is the promise that only a [Filler] can show.
const diskFull = "DiskFull"

// promise is a sentence of the interface's comments, and what shows that a spool
// keeps it.
type promise struct {
	name string // of the subtest
	says string
	test func(*check)
}

var promises = []promise{
	// Of the spool as a whole.
	{"NextProcess", "keeps events … for this process or the next to deliver", testNextProcess},
	{"ConcurrentUse", "its methods … are called by several goroutines at once", testConcurrentUse},
	{"EventsUnchanged", "a publisher does not change an event that it has given to the spool, and neither does the spool", testEventsUnchanged},
	{"AnyEvent", "Spooled is an event: Seq, Topic, Key, Value, At, Headers and Operation come back as they were", testAnyEvent},

	// Append.
	{"AppendAllOrNone", "Append puts events on stable storage, all or none", testAllOrNone},
	{"AppendSurvives", "when it returns nil, they survive", testAppendSurvives},
	{"AppendLowerSeqs", "events may come with lower Seqs than those that are there", testLowerSeqs},
	{"AppendReplaces", "one whose Topic and Seq are there already takes the other's place", testReplaces},
	{"Bounded", "a spool is bounded", testBounded},
	{"DroppedFirst", "Append returns the events that it has dropped to make room, those that come first in order of Seq over all topics, in that order", testDroppedFirst},
	{"DroppedGiven", "they may be among the events that it was given", testDroppedGiven},
	{"TooOld", "Append returns the events that it has dropped because they were too old", testTooOld},
	{"TooLarge", "an event that could never be stored is dropped too, and never an error", testTooLarge},
	{diskFull, "a full disk is an error, for which errors.Is(err, syscall.ENOSPC)", testDiskFull},

	// Read and Remove.
	{"ReadTopic", "Read returns the events of a topic", testReadTopic},
	{"ReadAfter", "with a Seq above after, in order", testReadAfter},
	{"ReadLimit", "and at most limit of them", testReadLimit},
	{"RemoveThrough", "Remove forgets the events with a Seq up to through", testRemoveThrough},
	{"RemoveTopic", "Remove forgets the events of a topic", testRemoveTopic},

	// Operations.
	{"Finish", "Finish forgets that operations were started", testFinish},
	{"FinishUnknown", "those that were not are no error", testFinishUnknown},
	{"Finishes", "the event ends the operation of this id, as if it was given to Finish", testFinishes},
	{"Unfinished", "Unfinished returns the events that started the operations that nobody has finished, in order of Seq", testUnfinished},
	{"UnfinishedRemoved", "also those that Remove has forgotten", testUnfinishedRemoved},
	{"UnfinishedDropped", "and Append has dropped", testUnfinishedDropped},

	// Backlog.
	{"BacklogTopics", "Topics are those with events, in order of name; FirstSeq, and when its event was accepted", testBacklogTopics},
	{"BacklogBytes", "Bytes of the events and the unfinished operations, as the spool's bound counts them", testBacklogBytes},
	{"BacklogLastSeq", "LastSeq is the highest that any event ever had, removed ones included", testBacklogLastSeq},

	// Close.
	{"CloseReleases", "Close releases the spool for others", testCloseReleases},
	{"CloseAgain", "closing it again does nothing", testCloseAgain},
	{"CloseInUse", "Close, while several goroutines use the spool: what Append has returned nil for survives", testCloseInUse},

	{"History", "all of that, in a random order", testHistory},
}

// keep tests whether a spool keeps the promise.
func (p promise) keep(t tester, open func() onex.Spool) {
	c := &check{tester: t, open: open}
	defer c.end()
	c.begin()
	p.test(c)
	c.same()
}
