package delivery

// Verdict says what has become of an event that was given to the Kafka client,
// and if it was not delivered, whose fault that is. Of a group, the highest one
// decides.
type Verdict uint8

const (
	// Delivered: all in-sync replicas have it.
	Delivered Verdict = iota

	// Again: nobody's fault. The client was ended or full, and the event is as
	// good as new.
	Again

	// RecordFault: the record's own, or that of another one that was refused
	// together with it. Alone, each shows which.
	RecordFault

	// SenderFault: this program's or the moment's, such as its clock, its
	// credentials, its quota, or a broker that restarts. It ends without a change
	// of the event, the topic or the client.
	SenderFault

	// TopicFault: the topic's. It alone waits.
	TopicFault

	// ClientFault: this client will deliver nothing any more. Another may.
	ClientFault
)
