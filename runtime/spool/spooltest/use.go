package spooltest

import (
	"fmt"
	"math/rand/v2"
	"sync"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// This file has the promises about the whole life of a spool.

func testNextProcess(c *check) {
	c.append(c.starting("a", 1, "first"), c.starting("a", 2, "second"), c.event("b", 3), c.event("b", 4))
	c.remove("a", c.base+1)
	c.finish("second")
	for range 3 {
		c.reopen()
	}
	c.append(c.event("a", 5))
	c.remove("b", c.base+3)
	c.finish("first")
	c.reopen()
}

func testCloseReleases(c *check) {
	for n := 1; n < 4; n++ {
		c.close()
		c.openSpool()
		c.same()
		c.append(c.event("a", n))
	}
}

func testCloseAgain(c *check) {
	c.append(c.starting("a", 1, "an operation"))
	old := c.spool
	c.close()
	c.must("a second Close", old.Close())
	c.openSpool()
	c.must("Close of the spool before", old.Close())
	c.append(c.event("a", 2)) // the spool is not closed by that
	c.same()
	c.finish("an operation")
	c.reopen()
}

const (
	users  = 4 // goroutines
	rounds = 6
)

// use has several goroutines use the spool at once.
func (c *check) use(each func(s onex.Spool, user int)) (wait func()) {
	var ready, done sync.WaitGroup
	ready.Add(users)
	for user := range users {
		s := c.spool
		done.Go(func() {
			ready.Done()
			ready.Wait()
			each(s, user)
		})
	}
	return done.Wait
}

func testConcurrentUse(c *check) {
	number := func(user, round int) int { return 1 + 2*(round*users+user) }
	operation := func(user, round int) string { return fmt.Sprintf("operation %d of %d", round, user) }
	own := func(user int) string { return fmt.Sprint("of ", user) }
	c.use(func(s onex.Spool, user int) {
		for round := range rounds {
			n := number(user, round)
			mine := c.starting(own(user), n, operation(user, round))
			dropped, err := s.Append([]onex.Spooled{mine, c.event("of all", n+1)})
			if err != nil || len(dropped) > 0 {
				c.Errorf("Append: %v, and has dropped %s", err, c.list(dropped))
			}
			got, err := s.Read(own(user), 0, 10)
			if err != nil {
				c.Errorf("Read: %v", err)
			}
			c.compare("Read at once with others", got, []onex.Spooled{mine})
			if b, err := s.Backlog(); err != nil || b.LastSeq < mine.Seq+1 {
				c.Errorf("Backlog: %v, the last Seq is base+%d after %s was appended", err, int64(b.LastSeq-c.base), c.name(mine))
			}
			if _, err := s.Unfinished(); err != nil {
				c.Errorf("Unfinished: %v", err)
			}
			if round%2 == 0 {
				if err := s.Finish(mine.Operation); err != nil {
					c.Errorf("Finish: %v", err)
				}
			}
			if err := s.Remove(own(user), mine.Seq); err != nil {
				c.Errorf("Remove: %v", err)
			}
		}
	})()
	for user := range users {
		for round := range rounds {
			n := number(user, round)
			c.want.put(c.starting(own(user), n, operation(user, round)), c.event("of all", n+1))
			if round%2 == 0 {
				c.want.finish(operation(user, round))
			}
		}
		c.want.remove(own(user), c.base+hasNone)
	}
	c.same()
	c.reopen()
}

// Who uses a spool while it is closed may get an error. What it does not get an
// error for is done.
func testCloseInUse(c *check) {
	var mu sync.Mutex
	var tried, stored []onex.Spooled
	inUse := make(chan struct{}, users*rounds)
	wait := c.use(func(s onex.Spool, user int) {
		for round := range rounds {
			e := c.event("a", 1+round*users+user)
			mu.Lock()
			tried = append(tried, e)
			mu.Unlock()
			_, err := s.Append([]onex.Spooled{e})
			inUse <- struct{}{}
			if err != nil {
				return
			}
			mu.Lock()
			stored = append(stored, e)
			mu.Unlock()
		}
	})
	for range users {
		<-inUse
	}
	c.close()
	wait()
	c.openSpool()

	found := map[id]bool{}
	for _, e := range c.read("a", 0, hasNone) {
		found[idOf(e)] = true
	}
	for _, e := range stored {
		if !found[idOf(e)] {
			c.Errorf("Append has returned nil for %s, and it is not there when the spool is opened again", c.name(e))
		}
	}
	for _, e := range tried {
		if found[idOf(e)] {
			c.want.put(e)
		}
	}
}

func testHistory(c *check) {
	rnd := rand.New(rand.NewPCG(1, 2))
	topics := []string{"a", "b", "c"}
	operation := func(n int) string { return fmt.Sprint("operation ", n) }
	finished := map[int]bool{}
	for range 60 {
		n := 1 + rnd.IntN(60)
		switch rnd.IntN(8) {
		case 0:
			c.remove(topics[rnd.IntN(3)], c.base+uint64(n))
		case 1:
			c.finish(operation(n), operation(n+1))
			finished[n], finished[n+1] = true, true
		case 2:
			c.reopen()
		default:
			var batch []onex.Spooled
			for range 1 + rnd.IntN(4) {
				n := 1 + rnd.IntN(60)
				e := c.event(topics[n%3], n)
				switch {
				case n%2 == 0 && !finished[n]: // an operation is not started again
					e.Operation = operation(n)
				case n%3 == 0:
					e.Finishes = operation(n + 1)
					finished[n+1] = true
				}
				e.Value = fmt.Append(e.Value, rnd.Uint64())
				batch = append(batch, e)
			}
			c.append(batch...)
		}
		c.same()
	}
}
