package kafka

import (
	"errors"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Ask calls ask with the client that there is, for requests beside those that send
// records, and again whenever that client has been replaced meanwhile.
func (c *Client) Ask(ask func(*kgo.Client) error) error {
	for {
		cl := c.current.Load()
		if cl == nil {
			var err error
			if cl, err = c.orMake(); c.ctx.Err() != nil {
				return kgo.ErrClientClosed
			} else if err != nil {
				return err
			}
		}
		err := ask(cl.Client)
		if !errors.Is(err, kgo.ErrClientClosed) || c.current.Load() == cl {
			return err
		}
	}
}

// Broker returns one broker, as the client knows it that there is or was last.
func (c *Client) Broker(id int) *kgo.Broker { return c.last.Load().Broker(id) }
