package page

// Page is what there is to show. Every text in it is shown as it is: none is markup.
type Page struct {
	Title    string
	About    string // what is between backticks is code
	Services []Service
	Envelope []Table // the keys that all events share, for each profile
	Run      *Run    // nil if no events were given
}

// Service is the nodes of a service.
type Service struct {
	Name  string
	Nodes []*Node
}

// Node is a node with its events.
type Node struct {
	ID         string // of its place on the page
	Name       string
	Type       string // "effect", "compute", "reducer" or "orchestrator"
	An         string // the type, behind its article
	Service    string
	Package    string
	Doc        string // a Go doc comment
	Refused    string // why Profile2 refuses it, or ""
	Operations []Operation
	Events     []*Event
}

// Operation is an operation of a node. Input and Result are "" if it has none.
type Operation struct{ Name, Input, Result string }

// Event is one event of a node.
type Event struct {
	ID       string // of its place on the page
	Node     *Node
	Type     string // with its version, if that is not the first
	Stage    string // "started", "completed", "failed", "changed" or "recorded"
	Of       string // the operation, or what else it is about
	Says     string
	Topics   []Named
	Types    []Named // Go's, of what has become a summary
	Keys     []Named // of the records; what is between backticks is code
	Method   string  // that publishes it
	Payload  Table
	Examples []Named // JSON, by envelope
}

// Named is a text with a name.
type Named struct{ Name, Text string }

// Table is keys of an object.
type Table struct {
	Of     string
	Fields []Field
}

// Field is one key: what is in it, and what that means.
type Field struct{ Key, Type, Says string }

// Run is what a run has shown.
type Run struct {
	Events  int
	Foreign int // of them, those of no node on the page
	Seen    map[*Event]int
	Causes  []Cause
}

// Cause is how often one event has caused another.
type Cause struct {
	From, To *Event
	Times    int
}
