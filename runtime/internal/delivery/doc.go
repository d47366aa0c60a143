// Package delivery decides what becomes of every accepted event, and does none
// of it. It imports the standard library only.
//
// A [Machine] has no goroutine, lock, clock, randomness of its own nor I/O, and
// nothing in it depends on the order of a map: its owner tells it what has
// happened and when, and carries out the effects that [Machine.Next] returns.
// Each effect has an answer, and one that failed is tried again. So a seed
// repeats every decision, which the simulation in this folder makes use of.
//
// Two rules keep the order of a topic.
//
// The barrier: it is the lowest Seq that is not in memory, on disk and unread
// or being written. Of what is in memory, only what is below the barrier may be
// sent, one group at a time. What comes back is merged where it belongs.
//
// The proof: a group has more than one event only if the client that there is
// now has delivered the topic's last group whole. Such a client has the topic's
// partitions, so a group is one batch for each of them, and is refused as a whole.
//
// All times are durations since the machine began, by a clock that never jumps.
package delivery
