package spooltest

import "math"

func testReadTopic(c *check) {
	c.append(c.events("a", 1, 4)...)
	c.append(c.events("a.b", 2)...) // names that begin alike
	c.append(c.events("A", 3)...)
	c.append(c.events("b", 5)...)
	c.reads("a", 0, 10, 1, 4)
	c.reads("a.b", 0, 10, 2)
	c.reads("A", 0, 10, 3)
	c.reads("nothing was ever in it", 0, 10)
	c.remove("b", c.base+5)
	c.reads("b", 0, 10)
}

func testReadAfter(c *check) {
	c.append(c.events("a", 2, 3, 5, 300, 7)...)
	c.append(c.events("b", 4)...)
	for after, want := range map[int][]int{
		0: {2, 3, 5, 7, 300}, 1: {2, 3, 5, 7, 300}, 2: {3, 5, 7, 300}, 3: {5, 7, 300},
		4: {5, 7, 300}, 5: {7, 300}, 7: {300}, 299: {300}, 300: nil, 1000: nil,
	} {
		c.reads("a", c.base+uint64(after), 10, want...)
	}
	c.reads("a", math.MaxUint64, 10)
	c.reads("a", math.MaxInt64, 10)
}

func testReadLimit(c *check) {
	var numbers []int
	for n := range 40 {
		numbers = append(numbers, 3*n+1)
	}
	c.append(c.events("a", numbers...)...)
	c.append(c.events("b", 2, 5)...)
	for limit := range 45 {
		c.reads("a", 0, limit, numbers[:min(limit, 40)]...)
	}
	for after, rest := uint64(0), numbers; len(rest) > 0; { // page by page
		page := min(7, len(rest))
		c.reads("a", after, 7, rest[:page]...)
		after, rest = c.base+uint64(rest[page-1]), rest[page:]
	}
}

func testRemoveThrough(c *check) {
	c.append(c.events("a", 2, 3, 5, 7, 9)...)
	for _, step := range []struct {
		through uint64
		left    []int
	}{
		{0, []int{2, 3, 5, 7, 9}},
		{c.base + 1, []int{2, 3, 5, 7, 9}},
		{c.base + 2, []int{3, 5, 7, 9}},
		{c.base + 6, []int{7, 9}},
		{c.base + 6, []int{7, 9}},
		{c.base + 2, []int{7, 9}},
	} {
		c.remove("a", step.through)
		c.reads("a", 0, 10, step.left...)
		c.same()
		c.reopen()
	}
	c.remove("a", math.MaxUint64)
	c.same()
	c.append(c.events("a", 4)...) // not removed since
	c.reopen()
}

func testRemoveTopic(c *check) {
	for _, topic := range []string{"a", "a.b", "A", "b"} {
		c.append(c.events(topic, 1, 2, 3)...)
	}
	c.remove("a", c.base+2)
	c.same()
	c.remove("a", c.base+3)
	c.remove("nothing was ever in it", math.MaxUint64)
	c.same()
	c.reopen()
}
