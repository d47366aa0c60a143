package emit

import (
	"go/token"
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

// goName turns the snake_case name of an operation into an exported Go name:
// "intelligence_query" into IntelligenceQuery, "http_get" into HTTPGet.
func goName(operation string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(operation, "_") {
		if upper := strings.ToUpper(word); initialisms[upper] {
			b.WriteString(upper)
		} else {
			b.WriteString(capitalized(word))
		}
	}
	return b.String()
}

func capitalized(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}

// names are the identifiers that are declared for a node at package level.
type names struct {
	companion   string // the type with the methods
	constructor string
	catalog     string
}

func namesOf(n *annotate.Node) names {
	create := "new"
	if token.IsExported(n.Name) {
		create = "New"
	}
	return names{
		companion:   n.Name + "Events",
		constructor: create + capitalized(n.Name) + "Events",
		catalog:     n.Name + "Catalog",
	}
}

// opField returns the name of the companion's field for an operation. The
// prefix keeps it clear of keywords and of the other fields.
func opField(op annotate.Operation) string { return "op" + goName(op.Name) }

// runName returns the name of the method that runs an operation.
func runName(op annotate.Operation) string { return "Run" + goName(op.Name) }

// members lists the fields and the methods of the companion of a node that has
// the given events.
func members(n *annotate.Node, events []event) []string {
	list := []string{"node", "orNone"}
	for _, op := range n.Operations {
		list = append(list, opField(op), runName(op))
	}
	for _, e := range events {
		list = append(list, e.method)
	}
	return list
}

// declarations lists the identifiers that the file of a node with the given
// events declares.
func declarations(n *annotate.Node, events []event) []string {
	names := namesOf(n)
	list := []string{names.companion, names.constructor, names.catalog}
	for _, e := range events {
		list = append(list, e.constant)
	}
	return list
}
