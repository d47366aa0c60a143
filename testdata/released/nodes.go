// Package released has nodes with all that a directive can say, and their files as the
// last release has generated them. They have to compile and to work with the runtime of
// today, as they do in programs that nobody has generated again. Only .ci/tag generates
// them; .ci/compatible says if somebody else did.
package released

// Document is what is stamped.
type Document struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// Stamp is what a document gets.
type Stamp struct {
	Digest string `json:"digest"`
}

// Phase is a state.
type Phase string

// Stamper has an operation of each form, and two versions of one.
//
//onex:operations type=effect service=stamping state=Phase
//onex:operations untyped stamp(Document,Stamp) take(Document) give(,Stamp) ping()
//onex:operations stamp@2(*Document,Stamp)
type Stamper struct {
	*StamperEvents
}

// Tally has metrics alone beside its operation.
//
//onex:operations type=reducer service=tally state=false count(map[string]int,int)
type Tally struct {
	events *TallyEvents
}

// Pipe is generic, and has states alone.
//
//onex:operations type=compute service=pipe metric=false through(In,Out)
type Pipe[In, Out any] struct {
	events *PipeEvents[In, Out]
}

// Flow is an orchestrator.
//
//onex:operations type=orchestrator service=flow run
type Flow struct {
	events *FlowEvents
}
