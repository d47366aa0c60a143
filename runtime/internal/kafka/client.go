package kafka

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/runtime/internal/delivery"
	"github.com/omninode-ai/onexevents/runtime/internal/health"
)

// Config is what a Client is made of.
type Config struct {
	Options []kgo.Opt       // the program's
	Health  *health.Monitor // is told of all that is seen
	Warn    func(message string, attrs ...any)
}

// Client sends groups of records. At most one kgo.Client with the program's hooks
// is alive at a time; the next one is made when the last one has ended, answers
// and hooks included. A hook that does not return for long is waited for no longer.
//
// A client that is new gets its producer id before it is given any record, from
// the first [Client.Send] on: so it is known for sure where an answer comes from
// that refuses the id. Until then groups wait here. A client whose id is refused
// for good is replaced at once, and again with backoff; what waits, waits for the
// next one.
type Client struct {
	cfg        Config
	opts       []kgo.Opt
	hooks      []kgo.Hook // the program's
	batchBytes int64

	ctx  context.Context // ends with the Client
	stop context.CancelFunc
	busy sync.WaitGroup
	life chan struct{} // held by who makes or ends a kgo.Client

	resets sync.Map // topic and partition → when it was last told of

	current atomic.Pointer[client] // nil while there is none; set under the lock
	last    atomic.Pointer[client] // which there was, or is

	mu        sync.Mutex
	ending    *client  // its end has begun, and may not have come
	waiting   []*Group // for a producer id
	preparing bool     // somebody is getting one
	closed    bool
}

// New checks the options, and makes the first client. Options that break a promise
// are an error, and so is what panics in them.
func New(cfg Config) (*Client, error) {
	c := &Client{cfg: cfg, life: make(chan struct{}, 1)}
	c.ctx, c.stop = context.WithCancel(context.Background())
	opts := append(defaults(c.noteReset), cfg.Options...)
	like, err := look(opts)
	if err != nil {
		return nil, err
	}
	limit, _ := like.OptValue(kgo.ProducerBatchMaxBytes).(int32)
	c.batchBytes = int64(limit) - batchOverhead
	c.hooks = given(like)
	c.opts = complete(opts, like, guard{cfg.Warn})
	warnOfClearText(like, cfg.Warn)
	cl, err := c.make()
	if err != nil {
		return nil, err
	}
	c.current.Store(cl)
	return c, nil
}

// HasHooks tells whether the program has given the client hooks, which may want to
// know the context of each record.
func (c *Client) HasHooks() bool { return len(c.hooks) > 0 }

// BatchBytes returns how many bytes of records one batch takes for sure: keys,
// values, and [RecordOverhead] for each.
func (c *Client) BatchBytes() int64 { return c.batchBytes }

// noteReset is told when a broker does not know the client's sequence any more, as
// after it has lost its log, or has forgotten a producer that was silent for
// long. The client goes on with a new epoch, each time that it is so again.
func (c *Client) noteReset(topic string, partition int32) {
	const often = time.Minute
	now := time.Now()
	key := fmt.Sprint(topic, partition)
	if last, ok := c.resets.Load(key); ok && now.Sub(last.(time.Time)) < often {
		return
	}
	c.resets.Store(key, now)
	c.cfg.Warn("a broker does not know what this client has written last; events may come twice, and if its log is damaged some may be missing",
		"topic", topic, "partition", partition)
}

// client is one kgo.Client.
type client struct {
	*kgo.Client
	health   *health.Monitor
	hooks    *health.Hooks
	hasHooks bool // the program's
	handover handover
	ctx      context.Context // ends when its end begins
	stop     context.CancelFunc
	ready    atomic.Bool // has its producer id
	anew     madeAnew

	groups pending       // that have not been answered for
	ended  chan struct{} // closed when all have been, and the hooks have been told of its end
	end    func()        // begins its end
}

// make makes a client.
func (c *Client) make() (*client, error) {
	cl := &client{health: c.cfg.Health, hooks: c.cfg.Health.Hooks(), hasHooks: c.HasHooks(), groups: newPending(), ended: make(chan struct{})}
	cl.handover.settle = cl.settle
	var err error
	theirs := theirHooks{guard{c.cfg.Warn}, newPending(), new(atomic.Bool), c.hooks}
	opts := append(slices.Clip(c.opts), kgo.WithHooks(cl.hooks, &cl.handover))
	if c.HasHooks() {
		opts = append(opts, kgo.WithHooks(theirs))
	}
	failure := guarded(func() { cl.Client, err = kgo.NewClient(opts...) })
	if failure != nil {
		err = fmt.Errorf("what the program gave its Kafka client: %w", failure)
	}
	if err != nil {
		return nil, err
	}
	c.last.Store(cl)
	cl.ctx, cl.stop = context.WithCancel(context.Background())
	cl.end = sync.OnceFunc(func() {
		cl.hooks.Retire()
		cl.stop()
		c.busy.Go(func() {
			if failure := guarded(cl.Client.Close); failure != nil {
				c.cfg.Warn("what the program gave its Kafka client does not return", "what", "Close", "error", failure)
			}
			cl.isDone()
			<-cl.groups.none
			theirs.end(cl.Client) // its connections may still call hooks
			close(cl.ended)
		})
	})
	return cl, nil
}

// due notes that so many groups will be answered for. It returns false if the client
// has ended.
func (cl *client) due(n int) bool { return cl.groups.begin(n) }

// isDone notes that a group has been answered for, or that the end has come.
func (cl *client) isDone() { cl.groups.end(1) }

// pending counts what goes on, and one until nothing more begins.
type pending struct {
	n    *atomic.Int64
	none chan struct{} // closed when nothing goes on, and nothing more begins
}

func newPending() pending {
	p := pending{new(atomic.Int64), make(chan struct{})}
	p.n.Store(1)
	return p
}

// begin returns false if nothing begins any more.
func (p pending) begin(n int) bool {
	for {
		now := p.n.Load()
		if now == 0 {
			return false
		}
		if p.n.CompareAndSwap(now, now+int64(n)) {
			return true
		}
	}
}

func (p pending) end(n int) {
	if p.n.Add(-int64(n)) == 0 {
		close(p.none)
	}
}

// hold makes the caller the only one who makes or ends clients.
func (c *Client) hold(ctx context.Context) (release func(), err error) {
	select {
	case c.life <- struct{}{}:
		return func() { <-c.life }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// retire ends the present client, if there is one, and waits for that.
func (c *Client) retire(ctx context.Context) error {
	c.mu.Lock()
	if cl := c.current.Swap(nil); cl != nil {
		c.ending = cl
	}
	ending := c.ending
	c.mu.Unlock()
	if ending == nil {
		return nil
	}
	ending.end()
	select {
	case <-ending.ended:
	default:
		select {
		case <-ending.ended:
		case <-ctx.Done():
			return fmt.Errorf("the old Kafka client does not end: %w", ctx.Err())
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ending = nil
	return nil
}

// replace makes a client when the last one has ended.
func (c *Client) replace(ctx context.Context) (*client, error) {
	if err := c.retire(ctx); err != nil {
		return nil, err
	}
	cl, err := c.make()
	if err != nil {
		c.cfg.Health.NoClient(err)
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		c.ending = cl
		return nil, kgo.ErrClientClosed
	}
	c.current.Store(cl)
	return cl, nil
}

// Renew gives back what has not been delivered, and replaces the client by a new
// one. A client that has never got its producer id is kept, as a new one would
// only have to begin anew. Renew blocks, until ctx ends at most: if the client has
// not ended by then, that is an error, and no new one is made before it has. When
// Renew has returned nil, no answer of the old one comes any more.
func (c *Client) Renew(ctx context.Context) error {
	c.giveBack()
	release, err := c.hold(ctx)
	if err != nil {
		return err
	}
	defer release()
	if cl := c.current.Load(); cl != nil && !cl.ready.Load() {
		return nil
	}
	_, err = c.replace(ctx)
	return err
}

// Close gives back what has not been delivered, and ends the client. It blocks,
// until ctx ends at most.
func (c *Client) Close(ctx context.Context) error {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.stop()
	c.giveBack()
	release, err := c.hold(ctx)
	if err != nil {
		return err
	}
	defer release()
	if err := c.retire(ctx); err != nil {
		return err
	}
	c.busy.Wait()
	return nil
}

// giveBack gives back what waits for a producer id.
func (c *Client) giveBack() {
	c.mu.Lock()
	waiting := c.waiting
	c.waiting = nil
	c.mu.Unlock()
	for _, g := range waiting {
		g.giveBack()
	}
}

// Ping asks the brokers until one answers.
func (c *Client) Ping(ctx context.Context) error {
	if cl := c.current.Load(); cl != nil {
		return cl.Ping(ctx)
	}
	return kgo.ErrClientClosed
}

// How long a client is left in peace whose producer id was refused, or could not
// be got: at first, and at most after twice as long each time.
const (
	firstBackoff = 100 * time.Millisecond
	lastBackoff  = 5 * time.Second
)

// prepare gets a producer id, of one client or the next, and then hands over
// what waits for it.
func (c *Client) prepare() {
	backoff := firstBackoff
	for !c.tryPrepare() {
		timer := time.NewTimer(backoff - rand.N(backoff/4)) // so that not everybody comes at once
		select {
		case <-timer.C:
		case <-c.ctx.Done():
			timer.Stop()
			return
		}
		backoff = min(2*backoff, lastBackoff)
	}
}

func (c *Client) tryPrepare() (done bool) {
	cl, err := c.orMake()
	if err != nil {
		c.cfg.Warn("a new Kafka client cannot be made", "error", err)
		return false
	}
	if _, _, err := cl.ProducerID(cl.ctx); err != nil {
		c.cfg.Health.ProducerID(err)
		if Judge(ProducerID, err) == delivery.ClientFault {
			c.cfg.Warn("the Kafka client gets no producer id and is replaced", "error", err)
			c.dismiss(cl)
		}
		return false
	}
	c.cfg.Health.ProducerID(nil)
	c.mu.Lock()
	if c.current.Load() != cl {
		c.mu.Unlock()
		return false
	}
	cl.ready.Store(true)
	c.preparing = false
	waiting := c.waiting
	c.waiting = nil
	cl.due(len(waiting)) // it has not ended: that takes the lock
	c.mu.Unlock()
	for _, g := range waiting {
		cl.give(g)
	}
	cl.flush()
	return true
}

// orMake returns the present client, or makes one.
func (c *Client) orMake() (*client, error) {
	release, err := c.hold(c.ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	if cl := c.current.Load(); cl != nil {
		return cl, nil
	}
	return c.replace(c.ctx)
}

// dismiss ends a client, unless it has been replaced already.
func (c *Client) dismiss(cl *client) {
	release, err := c.hold(c.ctx)
	if err != nil {
		return
	}
	defer release()
	if c.current.Load() == cl {
		_ = c.retire(c.ctx) // else the next one's maker waits for it
	}
}
