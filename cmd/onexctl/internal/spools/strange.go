package spools

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool"
)

// pageSize is how many events are read at a time.
const pageSize = 1000

// strangeTopics returns the topics of a spool in which there are events that do not
// belong there by their service and type, and how many events are in the spool. How a
// program names its topics is not known here, so such a topic is right or wrong. What is no
// event at all is left to the publisher, which does not send it in any case.
func strangeTopics(cfg onex.Config, sp *spool.Spool) (strange []string, events int64, err error) {
	anyTopic := cfg
	anyTopic.AnySpooledTopic = true
	found := map[string]bool{}
	note := func(e onex.Spooled) {
		if cfg.CheckSpooled(e) != nil && anyTopic.CheckSpooled(e) == nil {
			found[e.Topic] = true
		}
	}
	backlog, err := sp.Backlog()
	if err != nil {
		return nil, 0, err
	}
	for _, t := range backlog.Topics {
		events += t.Events
		if err := eachEvent(sp, t.Topic, note); err != nil {
			return nil, 0, err
		}
	}
	for after := ""; ; {
		page, err := sp.UnfinishedAfter(after, pageSize)
		if err != nil {
			return nil, 0, err
		}
		for _, started := range page {
			note(started)
			after = started.Operation
		}
		if len(page) < pageSize {
			return slices.Sorted(maps.Keys(found)), events, nil
		}
	}
}

// eachEvent goes through the events of a topic.
func eachEvent(sp *spool.Spool, topic string, do func(onex.Spooled)) error {
	for after := uint64(0); ; {
		page, err := sp.Read(topic, after, pageSize)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, e := range page {
			do(e)
			after = e.Seq
		}
	}
}

// topicList names the first topics and counts the others.
func topicList(topics []string) string {
	const most = 5
	rest := ""
	if n := len(topics) - most; n > 0 {
		topics, rest = topics[:most], fmt.Sprintf(" and %d more", n)
	}
	var names []string
	for _, t := range topics {
		names = append(names, terminal.Field(t))
	}
	return strings.Join(names, ", ") + rest
}
