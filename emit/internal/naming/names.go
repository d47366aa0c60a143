package naming

import (
	"go/token"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/omninode-ai/onexevents/annotate"
)

// initialisms are the words that Go names write in capitals, as
// staticcheck's ST1003 has them.
var initialisms = map[string]bool{}

func init() {
	for word := range strings.FieldsSeq(`ACL API ASCII CPU CSS DNS EOF GUID HTML HTTP HTTPS ID IP JSON QPS RAM RPC SLA
		SMTP SQL SSH TCP TLS TTL UDP UI GID UID UUID URI URL UTF8 VM XML XMPP XSRF XSS SIP RTP AMQP DB TS`) {
		initialisms[word] = true
	}
}

// GoName turns the snake_case name of an operation into an exported Go name:
// "intelligence_query" into IntelligenceQuery, "http_get" into HTTPGet.
func GoName(operation string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(operation, "_") {
		if upper := strings.ToUpper(word); initialisms[upper] {
			b.WriteString(upper)
		} else {
			b.WriteString(Capitalized(word))
		}
	}
	return b.String()
}

// GoNameOf returns the Go name of an operation, with its version if that is not
// the first: StampV2.
func GoNameOf(op annotate.Operation) string {
	if op.Version == 0 {
		return GoName(op.Name)
	}
	return GoName(op.Name) + "V" + strconv.Itoa(op.Version)
}

// Capitalized returns s with its first letter in upper case.
func Capitalized(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}

// Names are the identifiers that are declared for a node at package level.
type Names struct {
	Companion   string // the type with the methods
	Constructor string
	Catalog     string
}

// Of returns the names for a node.
func Of(n *annotate.Node) Names {
	create := "new"
	if token.IsExported(n.Name) {
		create = "New"
	}
	return Names{
		Companion:   n.Name + "Events",
		Constructor: create + Capitalized(n.Name) + "Events",
		Catalog:     n.Name + "Catalog",
	}
}

// OpField returns the name of the companion's field for an operation. The
// prefix keeps it clear of keywords and of the other fields.
func OpField(op annotate.Operation) string { return "op" + GoNameOf(op) }

// RunName returns the name of the method that runs an operation.
func RunName(op annotate.Operation) string { return "Run" + GoNameOf(op) }

// Members lists the fields and the methods of the companion of a node that has
// the given events.
func Members(n *annotate.Node, events []Event) []string {
	list := []string{"node", "orNone"}
	for _, op := range n.Operations {
		list = append(list, OpField(op), RunName(op))
	}
	for _, e := range events {
		list = append(list, e.Method)
	}
	return list
}

// Declarations lists the identifiers that the file of a node with the given
// events declares.
func Declarations(n *annotate.Node, events []Event) []string {
	names := Of(n)
	list := []string{names.Companion, names.Constructor, names.Catalog}
	for _, e := range events {
		list = append(list, e.Constant)
		if Mistaken2(n) == "" {
			list = append(list, Constant2(e.Constant))
		}
	}
	return list
}

// Predeclared are the names of Go's own that generated code spells.
var Predeclared = []string{"error", "string", "float64"}

// Reserved are the identifiers that generated functions use for themselves.
var Reserved = slices.Concat(Predeclared, []string{
	"e", "ctx", "correlationID", "input", "result", "err", "elapsed", "opts", "fn", "oldState", "newState", "reason",
	"name", "value", "unit", "pub", "nodeID", "node",
})

// Variants tells whether two nodes are one struct under different constraints,
// which are not compiled together.
func Variants(a, b *annotate.Node) bool {
	return a.Variant && b.Variant && a.Name == b.Name && a.Constraint != b.Constraint
}

// InTestFile tells whether the struct of a node stands in a test file.
func InTestFile(n *annotate.Node) bool { return strings.HasSuffix(n.File, "_test.go") }
