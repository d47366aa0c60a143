package onex

// Ledger says what has become of all the events that a publisher was given.
// Each accepted event is counted in exactly one place, at every moment:
//
//	Accepted == Delivered + DeadLettered + Spooled + InFlight + Lost
type Ledger struct {
	Accepted     int64 // the publish method returned nil
	Delivered    int64 // acknowledged by all in-sync replicas
	DeadLettered int64 // acknowledged on a dead-letter topic
	Spooled      int64 // on disk, for later
	InFlight     int64 // in the queue or with the client
	Lost         int64 // reported through Config.OnLoss and the log
	Rejected     int64 // the publish method returned an error; not in Accepted
}
