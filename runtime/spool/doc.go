// Package spool keeps events in a folder until Kafka takes them. It is what
// [onex.Config] gets as its Spool:
//
//	events, err := spool.Open("/var/lib/stamper/spool")
//
// What Append has put there survives the process, SIGKILL and a power failure.
// The spool is bounded in bytes and in age, and is one process's at a time. Its
// file shrinks when it has emptied. A file that is damaged, however, is moved
// aside and reported, and what is readable in it is kept.
//
// # The folder
//
// The folder is one user's alone, and [Open] refuses one that is not: whoever could put files
// there could have events sent that nobody has published. A link or a pipe in the place of a
// file is refused, too. In the folder are
//
//	lock                   who has the spool
//	events.db              the events
//	events.db.new          what is to become events.db
//	events.db.damaged-1 …  what was in its place and was no spool, or a damaged one
//	rejected.jsonl         events that were not sent, and why: what is no event, or is in a
//	                       topic that is not its own; see [onex.Config.AnySpooledTopic]
//
// The last two kinds are for people; delete them when they are of no use any more.
//
// If the folder, the lock or the file is deleted or replaced while the spool is open, or
// another disk is mounted there, then Append says so ([ErrGone]), until there is a
// folder, and goes on there with a new file, in which is all that there was. The folder is not
// made again: its disk may come back. Health has the cause disk_missing meanwhile.
//
// # Rolling restarts
//
// When a program is replaced by its next version, both run for a while, and one spool is
// one process's. There are three ways.
//
// A folder for each instance, by a name that stays: that of the host, or of the pod in a
// StatefulSet. This is the simplest: the next process of that name delivers what the last
// one has left. If an instance goes for good, deliver what it has left with
// onexctl spool drain.
//
// One folder on a machine, and the next process waits for the one before:
//
//	events, err := spool.Open(dir, spool.Wait(time.Minute))
//
// That works if the one before is stopped without the next one being ready: with systemd's
// restart, or strategy Recreate or maxSurge 0 in Kubernetes. Wait for longer than
// the one before has to end (TimeoutStopSec, terminationGracePeriodSeconds), and let that call
// Publisher.Close with less. Where the next one has to be ready first (maxSurge 1), each
// would wait for the other; without Wait, Open is an [ErrInUse] that names the process.
//
// A folder of many machines, as on NFS, CIFS or a ReadWriteMany volume: let each have a folder in
// it of its own. The lock is one of flock's, which such file systems may not show to other
// machines, and then two processes write to one file.
//
// # The file
//
// The file is bbolt's. Each event in it is a record with a checksum, which can
// also be found without bbolt; so a damaged file is read in two ways:
//
//	Open ──▶ boltfile ──▶ store: contents ──── sound ───────────────▶ Store ──▶ bbolt
//	                                  └── damaged ──▶ scan ──▶ writer ───▲
//
// This package has the folder: who may use it, which file is the spool's, and what is
// done when that is damaged. What is in one file is for internal/store, which alone
// imports bbolt. The package imports onex.
package spool
