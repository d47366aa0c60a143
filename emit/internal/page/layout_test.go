package page

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// nodesWith returns nodes with a started event each for as many operations.
func nodesWith(operations ...int) (nodes []*Node) {
	for i, count := range operations {
		n := &Node{Name: fmt.Sprintf("Node%d", i), Type: "effect", Service: "s"}
		for op := range count {
			n.Events = append(n.Events, &Event{Node: n, Stage: "started", Of: fmt.Sprint("op", op)})
		}
		nodes = append(nodes, n)
	}
	return nodes
}

func first(n *Node) *Event { return n.Events[0] }

// Arrows go to the right where they can, also if others close circles.
func TestLayersFollowCauses(t *testing.T) {
	n := nodesWith(1, 1, 1, 1, 1)
	p := newPicture(n, []Cause{
		{first(n[3]), first(n[1]), 1}, {first(n[1]), first(n[0]), 1}, {first(n[3]), first(n[0]), 1}, // 3, 1, 0
		{first(n[0]), first(n[1]), 1}, // a circle
		{first(n[2]), first(n[2]), 1}, // what ends
	})
	var got []int
	for _, b := range p.boxes {
		got = append(got, b.layer)
	}
	if want := "[2 1 0 0 0]"; fmt.Sprint(got) != want {
		t.Errorf("layers %v, want %s", got, want)
	}
	if !(p.boxes[3].x < p.boxes[1].x && p.boxes[1].x < p.boxes[0].x) {
		t.Error("the layers do not go to the right")
	}
	if len(p.arrows) != 4 {
		t.Errorf("%d arrows, want 4: none for an operation that has ended", len(p.arrows))
	}
	if p.boxes[4].y < p.boxes[3].y+p.boxes[3].height() {
		t.Error("what no arrow leads to stands beside the layers")
	}
}

// All events of an operation are one end of an arrow.
func TestArrowsAreBetweenOperations(t *testing.T) {
	n := nodesWith(1, 1)
	more := &Event{Node: n[1], Stage: "failed", Of: "op0"}
	n[1].Events = append(n[1].Events, more)
	p := newPicture(n, []Cause{{first(n[0]), first(n[1]), 2}, {first(n[0]), more, 3}})
	if len(p.arrows) != 1 || p.arrows[0].times != 5 {
		t.Errorf("arrows %+v, want one of 5 times", p.arrows)
	}
}

// No box covers another, and all are within the picture.
func TestBoxesHaveRoom(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var operations []int
		for range 1 + random.IntN(12) {
			operations = append(operations, 1+random.IntN(5))
		}
		n := nodesWith(operations...)
		var causes []Cause
		for range random.IntN(15) {
			causes = append(causes, Cause{first(n[random.IntN(len(n))]), first(n[random.IntN(len(n))]), 1})
		}
		p := newPicture(n, causes)
		for i, a := range p.boxes {
			if a.x < margin || a.y < margin || a.x+p.boxWidth+margin > p.width || a.y+a.height()+margin > p.height {
				t.Fatalf("a box at %d,%d of height %d is not within %dx%d", a.x, a.y, a.height(), p.width, p.height)
			}
			for _, b := range p.boxes[:i] {
				if a.x < b.x+p.boxWidth && b.x < a.x+p.boxWidth && a.y < b.y+b.height() && b.y < a.y+a.height() {
					t.Fatalf("boxes at %d,%d and %d,%d cover each other", a.x, a.y, b.x, b.y)
				}
			}
		}
	}
}

// A long name is cut, and can be read where it leads to.
func TestLongNamesFit(t *testing.T) {
	n := nodesWith(1)
	n[0].Name = strings.Repeat("Ü", 200)
	p := newPicture(n, nil)
	if p.boxWidth != maxWidth {
		t.Errorf("a box is %d wide, want %d", p.boxWidth, maxWidth)
	}
	if drawn := string(p.draw()); strings.Contains(drawn, strings.Repeat("Ü", 60)) || !strings.Contains(drawn, "ÜÜÜ…<") {
		t.Errorf("the name is not cut in %s", drawn)
	}
}
