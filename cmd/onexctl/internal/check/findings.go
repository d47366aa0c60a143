package check

import (
	"fmt"
	"strings"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
	onex "github.com/omninode-ai/onexevents/runtime"
)

// findings are what check has found, as -json prints them.
type findings struct {
	Up bool `json:"up"`
	fault
	Asked   []string        `json:"asked"`   // addresses
	Brokers []brokerFinding `json:"brokers"` // that belong to the cluster
	Checked int             `json:"checked"` // topics
	Topics  []topicFinding  `json:"topics"`  // those with a fault
}

// fault is what is wrong, in the words of a publisher's health; the zero value
// is nothing.
type fault struct {
	Cause  onex.Cause `json:"cause,omitempty"`
	Error  string     `json:"error,omitempty"`
	Remedy string     `json:"remedy,omitempty"`
}

type brokerFinding struct {
	ID      int32  `json:"id"`
	Address string `json:"address"`
	fault
}

type topicFinding struct {
	Topic string `json:"topic"`
	fault
}

func faultOf(cause onex.Cause, err error) fault {
	if err == nil {
		return fault{}
	}
	if cause == "" {
		cause = onex.CauseOther
	}
	return fault{cause, strings.Join(strings.Fields(onex.MaskSecrets(err.Error())), " "), cause.Remedy()}
}

func (f fault) isNone() bool { return f.Cause == "" }

func (f fault) String() string {
	text := string(f.Cause) + ": " + terminal.Printable(f.Error)
	if f.Remedy != "" {
		text += "; " + f.Remedy
	}
	return text
}

// isWell tells whether events get to all topics that were asked about.
func (f findings) isWell() bool {
	for _, b := range f.Brokers {
		if !b.isNone() {
			return false
		}
	}
	return f.Up && len(f.Topics) == 0
}

// reason returns the first thing that is wrong.
func (f findings) reason() string {
	if !f.Up {
		return f.fault.String()
	}
	for _, b := range f.Brokers {
		if !b.isNone() {
			return fmt.Sprintf("broker %d at %s: %v", b.ID, b.Address, b.fault)
		}
	}
	for _, t := range f.Topics {
		return fmt.Sprintf("topic %s: %v", t.Topic, t.fault)
	}
	return ""
}

// String returns the findings for people, a line each.
func (f findings) String() string {
	var b strings.Builder
	if f.Up {
		fmt.Fprintln(&b, "up      Kafka answers, and takes events")
	} else {
		fmt.Fprintf(&b, "down    %v\n", f.fault)
		fmt.Fprintf(&b, "asked   %s\n", terminal.Printable(strings.Join(f.Asked, ", ")))
	}
	for _, broker := range f.Brokers {
		if broker.isNone() {
			fmt.Fprintf(&b, "ok      broker %d at %s answers\n", broker.ID, terminal.Printable(broker.Address))
		} else {
			fmt.Fprintf(&b, "fault   broker %d at %s: %v\n", broker.ID, terminal.Printable(broker.Address), broker.fault)
		}
	}
	for _, topic := range f.Topics {
		fmt.Fprintf(&b, "fault   topic %s: %v\n", terminal.Printable(topic.Topic), topic.fault)
	}
	if f.Checked == 0 {
		fmt.Fprintln(&b, "-       no topic was asked about; name some with -f or -topic")
	} else {
		verdict := "ok   "
		if len(f.Topics) > 0 {
			verdict = "fault"
		}
		fmt.Fprintf(&b, "%s   %d of %s can be written to\n", verdict, f.Checked-len(f.Topics), terminal.Counted(int64(f.Checked), "topic"))
	}
	return b.String()
}
