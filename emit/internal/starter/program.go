package starter

import (
	"fmt"
	"strings"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/emit/internal/naming"
)

const mainText = `// Command $called runs $aNode, whose events go to the Kafka that the environment
// names, as in KAFKA_BOOTSTRAP_SERVERS=localhost:9092.
package main

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "$called:", err)
		os.Exit(1)
	}
}

// patience is how long the events may take to get to Kafka at the end.
const patience = 30 * time.Second

// run runs the node once. What calls it in earnest belongs here: a server, or
// the events of others (package runtime/receive).
func run(ctx context.Context) (err error) {
	cfg, opts, err := onex.ConfigFromEnv()
	if err != nil {
		return err
	}
	pub, err := onex.NewPublisher(cfg, opts...)
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		err = errors.Join(err, pub.Close(ctx))
	}()
	n := New$Node(pub, "$called-1")
$call
	return err
}
`

// main returns the file with the program.
func (s Starter) main() string {
	op := s.Node.Operations[0]
	assign := "err = "
	if op.Result != nil {
		assign = "_, err = "
	}
	return fill(mainText, map[string]string{
		"called": called(s.Node), "Node": s.Node.Name, "aNode": article(s.Node),
		"call": call(op, assign, "ctx"),
	})
}

// call returns the call of an operation.
func call(op annotate.Operation, assign, ctx string) string {
	input, argument := "", ""
	if op.Input != nil {
		input, argument = "\tvar input "+op.Input.Source+"\n", ", input"
	}
	return fmt.Sprintf("%s\t%sn.%s(%s%s)", input, assign, naming.GoNameOf(op), ctx, argument)
}

const operationTestText = `
func TestRun$Method(t *testing.T) {
	rec := onextest.New(t)
	n := New$Node(rec.Publisher(), "$called-1")
$call
	if err != nil {
		t.Fatal(err)
	}
	rec.RequireExactly(onextest.Started("$op")$version, onextest.Completed("$op")$version)
}
`

const stateTestText = `
func TestStates(t *testing.T) {
	rec := onextest.New(t)
	n := New$Node(rec.Publisher(), "$called-1")
$steps}
`

// test returns the file with the package's tests.
func (s Starter) test(states map[string]string) string {
	n := s.Node
	text := "package main\n"
	for _, op := range n.Operations {
		assign, version := "err := ", ""
		if op.Result != nil {
			assign = "_, err := "
		}
		if op.Version > 0 {
			version = fmt.Sprintf(".Version(%d)", op.Version)
		}
		text += fill(operationTestText, map[string]string{
			"Method": naming.GoNameOf(op), "Node": n.Name, "called": called(n), "op": op.Name, "version": version,
			"call": call(op, assign, "t.Context()"),
		})
	}
	if n.NoState {
		return text
	}
	return text + fill(stateTestText, map[string]string{"Node": n.Name, "called": called(n), "steps": s.steps(states)})
}

// steps tests a change that the node refuses, and one that it publishes, as far
// as its states have such.
func (s Starter) steps(names map[string]string) string {
	var b strings.Builder
	first := s.States[0]
	follows := map[string]bool{}
	for _, next := range first.Next {
		follows[next] = true
	}
	for _, state := range s.States {
		if !follows[state.Name] {
			fmt.Fprintf(&b, "\tif err := n.change(t.Context(), %s, \"it cannot\"); err == nil {\n\t\tt.Error(\"from %s to %s\")\n\t}\n\trec.RequireNone()\n",
				names[state.Name], plain(first.Name), plain(state.Name))
			break
		}
	}
	if len(first.Next) > 0 {
		to := names[first.Next[0]]
		fmt.Fprintf(&b, "\tif err := n.change(t.Context(), %s, \"it can\"); err != nil {\n\t\tt.Fatal(err)\n\t}\n\trec.RequireExactly(onextest.StateChanged(%s, %s))\n",
			to, names[first.Name], to)
	}
	return b.String()
}

// plain returns a text that can stand between quotes.
func plain(text string) string {
	quoted := fmt.Sprintf("%q", text)
	return quoted[1 : len(quoted)-1]
}
