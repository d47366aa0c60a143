package deadletters

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/cluster"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
)

// create makes the topic if there is none, and waits until it is there.
func (m *markers) create(ctx context.Context) error {
	client, err := cluster.Dial(ctx, m.opts)
	if err != nil {
		return err
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	ctx, cancel := context.WithTimeout(ctx, cluster.Patience)
	defer cancel()
	compact := "compact"
	resp, err := admin.CreateTopic(ctx, 1, -1, map[string]*string{"cleanup.policy": &compact}, m.topic)
	if err == nil {
		err = resp.Err
	}
	if err != nil && !errors.Is(err, kerr.TopicAlreadyExists) {
		if there, listErr := m.isThere(ctx, admin); listErr != nil || !there {
			return fmt.Errorf("create the topic %s, which remembers what was replayed: %w", m.topic, err)
		}
	}
	for {
		there, err := m.isThere(ctx, admin)
		switch {
		case there:
			return m.checkPolicy(ctx, admin)
		case err != nil:
			return fmt.Errorf("wait for the topic %s: %w", m.topic, err)
		}
	}
}

// isThere tells whether the topic can be used. It takes a moment to say no.
func (m *markers) isThere(ctx context.Context, admin *kadm.Client) (bool, error) {
	topics, err := admin.ListTopics(ctx, m.topic)
	if err != nil {
		return false, err
	}
	if detail := topics[m.topic]; detail.Err == nil && len(detail.Partitions) > 0 {
		return true, nil
	}
	select {
	case <-ctx.Done():
		return false, ctx.Err()
	case <-time.After(100 * time.Millisecond):
		return false, nil
	}
}

// checkPolicy reports a topic that forgets what it has. Who may not see its
// settings has to know them.
func (m *markers) checkPolicy(ctx context.Context, admin *kadm.Client) error {
	configs, err := admin.DescribeTopicConfigs(ctx, m.topic)
	if err != nil {
		return nil
	}
	config, err := configs.On(m.topic, nil)
	if err != nil {
		return nil
	}
	for _, c := range config.Configs {
		if policy := c.MaybeValue(); c.Key == "cleanup.policy" && policy != "compact" {
			return fmt.Errorf("the topic %s would forget what was replayed (cleanup.policy=%s); set that to compact, or name another topic with -markers",
				terminal.Printable(m.topic), terminal.Printable(policy))
		}
	}
	return nil
}
