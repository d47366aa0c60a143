package page

import (
	"cmp"
	"slices"
	"unicode/utf8"
)

// The measures of the picture, in its pixels.
const (
	margin     = 8
	headHeight = 46
	rowHeight  = 26
	footHeight = 6
	glyphWidth = 24
	letter     = 7.4 // at most, of the letters of a row
	minWidth   = 170
	maxWidth   = 300
	between    = 20  // two boxes
	forArrows  = 96  // between layers
	columnsMax = 980 // what boxes without arrows fill
)

// box is a node in the picture.
type box struct {
	node  *Node
	rows  []boxRow
	layer int
	x, y  int
}

// boxRow is the events of one operation, or of something else.
type boxRow struct {
	name   string
	events []*Event
}

func newBox(n *Node) *box {
	b := &box{node: n}
	for _, e := range n.Events {
		if last := len(b.rows) - 1; last >= 0 && b.rows[last].name == e.Of {
			b.rows[last].events = append(b.rows[last].events, e)
		} else {
			b.rows = append(b.rows, boxRow{e.Of, []*Event{e}})
		}
	}
	return b
}

func (b *box) height() int { return headHeight + rowHeight*len(b.rows) + footHeight }

// middle is the height of the middle of a row.
func (b *box) middle(row int) int { return b.y + headHeight + rowHeight*row + rowHeight/2 }

// width returns how wide a box has to be for what is in it, up to a bound.
func (b *box) width() int {
	chars := max(utf8.RuneCountInString(b.node.Name), utf8.RuneCountInString(b.node.Type+" · "+b.node.Service))
	w := float64(chars)*letter*1.1 + 2*margin
	for _, r := range b.rows {
		w = max(w, float64(utf8.RuneCountInString(r.name))*letter+3*margin+float64(len(r.events)*glyphWidth))
	}
	return int(min(max(w, minWidth), maxWidth))
}

// arrow leads from a row to a row.
type arrow struct {
	from, to       *box
	fromRow, toRow int
	times          int
}

// picture is the boxes in their places.
type picture struct {
	boxes         []*box
	arrows        []arrow
	boxWidth      int
	width, height int
}

func newPicture(nodes []*Node, causes []Cause) *picture {
	p := &picture{boxWidth: minWidth}
	type place struct {
		box *box
		row int
	}
	places := map[*Event]place{}
	for _, n := range nodes {
		b := newBox(n)
		p.boxes = append(p.boxes, b)
		p.boxWidth = max(p.boxWidth, b.width())
		for i, r := range b.rows {
			for _, e := range r.events {
				places[e] = place{b, i}
			}
		}
	}
	for _, c := range causes {
		from, to := places[c.From], places[c.To]
		if from == to {
			continue // an operation ends because it has started
		}
		same := func(a arrow) bool {
			return a.from == from.box && a.fromRow == from.row && a.to == to.box && a.toRow == to.row
		}
		if i := slices.IndexFunc(p.arrows, same); i >= 0 {
			p.arrows[i].times += c.Times
		} else {
			p.arrows = append(p.arrows, arrow{from.box, to.box, from.row, to.row, c.Times})
		}
	}
	p.place()
	return p
}

// place puts boxes with arrows into layers, so that arrows go to the right where
// they can, and the others below into columns.
func (p *picture) place() {
	linked := map[*box]bool{}
	for _, a := range p.arrows {
		linked[a.from], linked[a.to] = true, true
	}
	p.width, p.height = 2*margin, margin
	for _, layer := range p.layers(linked) {
		x, y := p.width-margin, margin
		for _, b := range layer {
			b.x, b.y = x, y
			y += b.height() + between
		}
		p.width = x + p.boxWidth + forArrows + margin
		p.height = max(p.height, y)
	}
	count := max(1, (max(p.width, columnsMax)-margin)/(p.boxWidth+between))
	bottoms := slices.Repeat([]int{p.height}, count)
	for _, b := range p.boxes {
		if linked[b] {
			continue
		}
		column := slices.Index(bottoms, slices.Min(bottoms))
		b.x, b.y = margin+column*(p.boxWidth+between), bottoms[column]
		bottoms[column] += b.height() + between
		p.width = max(p.width, b.x+p.boxWidth+margin)
	}
	p.height = slices.Max(bottoms) - between + margin
}

// layers returns the linked boxes, each behind what has caused it. An arrow that
// closes a circle counts for nothing.
func (p *picture) layers(linked map[*box]bool) [][]*box {
	follow := map[*box][]*box{}
	caused := map[*box]bool{}
	for _, a := range p.arrows {
		if a.from != a.to && !slices.Contains(follow[a.from], a.to) {
			follow[a.from] = append(follow[a.from], a.to)
			caused[a.to] = true
		}
	}
	// The order in which a search leaves boxes is, backwards, one in which only
	// arrows that close a circle go back.
	var order []*box
	known := map[*box]bool{}
	var visit func(*box)
	visit = func(b *box) {
		if known[b] {
			return
		}
		known[b] = true
		for _, next := range follow[b] {
			visit(next)
		}
		order = append(order, b)
	}
	for _, first := range []bool{true, false} {
		for _, b := range p.boxes {
			if linked[b] && (!caused[b] || !first) {
				visit(b)
			}
		}
	}
	slices.Reverse(order)
	at := map[*box]int{}
	for i, b := range order {
		at[b] = i
	}
	var layers [][]*box
	for i, b := range order {
		for _, next := range follow[b] {
			if at[next] > i {
				next.layer = max(next.layer, b.layer+1)
			}
		}
		for len(layers) <= b.layer {
			layers = append(layers, nil)
		}
		layers[b.layer] = append(layers[b.layer], b)
	}
	p.straighten(layers)
	return layers
}

// straighten orders each layer by where its causes are.
func (p *picture) straighten(layers [][]*box) {
	rank := map[*box]float64{}
	for _, layer := range layers {
		for i, b := range layer {
			sum, n := float64(i), 1.0
			for _, a := range p.arrows {
				if a.to == b && a.from.layer < b.layer {
					sum, n = sum+rank[a.from], n+1
				}
			}
			rank[b] = sum / n
		}
		slices.SortStableFunc(layer, func(a, b *box) int { return cmp.Compare(rank[a], rank[b]) })
		for i, b := range layer {
			rank[b] = float64(i)
		}
	}
}
