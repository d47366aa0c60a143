package delivery

import "time"

// Effect is something for the machine's owner to do. Those that say so have an
// answer, which the machine waits for.
type Effect interface{ effect() }

type (
	// Send gives a group to the Kafka client, in order, and makes it send that at
	// once. The answer is [Machine.Answer], with the same group.
	Send struct{ *Group }

	// Bury sends a dead letter for an event that Kafka has refused for its own
	// sake. The answer is [Machine.Buried].
	Bury struct{ *Letter }

	// Store puts events on disk. The answer is [Machine.Stored]; several may be
	// carried out, and answered, as one.
	Store struct {
		Topic  *Topic
		Events []*Event // by Seq
	}

	// Load reads the events of a topic with a Seq above After, at most Limit, by
	// Seq. The answer is [Machine.Loaded].
	Load struct {
		Topic *Topic
		After uint64
		Limit int
	}

	// Remove forgets on disk the events of a topic up to Through. The answer is
	// [Machine.Removed].
	Remove struct {
		Topic   *Topic
		Through uint64
	}

	// Finish notes on disk that operations have ended. The answer is
	// [Machine.Finished].
	Finish struct{ Operations []string }

	// Forget makes the client look for a topic, or for that of its dead letters,
	// as if it had never heard of it. The client has none of its events then.
	// The answer is [Machine.Forgot].
	Forget struct {
		Topic   *Topic
		Letters bool
	}

	// Renew ends the client and makes another one. The answer is
	// [Machine.Renewed]; nothing is sent before.
	Renew struct {
		Err error // why; nil if it says nothing any more
	}

	// Lose reports a loss to the program. The answer is [Machine.Reported].
	Lose struct {
		Topic  *Topic
		Event  *Event // nil if it cannot be read any more
		Reason Loss
		Err    error // what Kafka has said; nil where the reason says all

		counted bool // it is out of flight already
	}

	// Confirm says whether a durable event is on disk. If not, it is not accepted
	// after all. It has no answer.
	Confirm struct {
		Event *Event
		Err   error
	}

	// Notice is for the log. It has no answer.
	Notice struct {
		What  Note
		Topic *Topic // nil if it is not about one
		For   time.Duration
		Err   error
	}
)

func (Send) effect()    {}
func (Bury) effect()    {}
func (Store) effect()   {}
func (Load) effect()    {}
func (Remove) effect()  {}
func (Finish) effect()  {}
func (Forget) effect()  {}
func (Renew) effect()   {}
func (Lose) effect()    {}
func (Confirm) effect() {}
func (Notice) effect()  {}

// Group is what one Send gives to the client. The owner does not change it.
type Group struct {
	Topic  *Topic
	Events []*Event // by Seq

	client int // which one it was given to
	at     time.Duration
}

// Letter is an event that is on its way to the dead letters.
type Letter struct {
	Topic *Topic
	Event *Event
	Err   error // why Kafka has refused it

	Partition int32 // in which

	since Time // when it was refused
	at    Time // when it was given to the client
}

// Answer is what the client has said of one event. The zero value: delivered.
type Answer struct {
	Verdict Verdict
	Err     error
	Anew    bool // the topic was made anew since the client has found it

	Partition int32 // that Kafka has refused it for
}

// Loss says why an event was lost.
type Loss uint8

const (
	LossClosed  Loss = iota // the publisher had no time left, and no disk that took it
	LossRefused             // Kafka has refused it, and there are no dead letters
	LossLetter              // Kafka has refused it, and its dead letter
	LossDropped             // it had to make room
	LossEvicted             // it had to make room on disk
	LossDamaged             // it cannot be read from disk any more
	LossForeign             // it was on disk, and is not fit to be sent
	losses
)

// Note is a kind of notice.
type Note uint8

const (
	NotePaused  Note = iota // a topic is not written to for a while
	NoteStalled             // a topic waits for Kafka, while others do not
	NoteDown                // Kafka acknowledges nothing; For says how long
	NoteBroken              // the machine is wrong
)

// Dropped is an event that the disk has dropped to make room.
type Dropped struct {
	Topic *Topic
	Event *Event // as it was on disk
}
