package breaking

import (
	"strings"

	"github.com/omninode-ai/onexevents/emit/internal/catalog"
)

// profile2 compares whether Profile2 refuses a node, if the old catalog says it.
func (c *comparison) profile2(o, n *catalog.Node) {
	if o.Topics2 == nil || (o.Refused2 == "") == (n.Refused2 == "") {
		return
	}
	if why, remedy, _ := strings.Cut(n.Refused2, "; "); why != "" {
		c.report(n, Change{
			Rule: profile2Refused, Pos: n.Pos, Topics: o.Topics2,
			What: "Profile2 refuses " + n.Node + " now: " + why, Remedy: remedy,
		})
		return
	}
	c.changes = append(c.changes, Change{Pos: n.Pos, What: "Profile2 refuses " + n.Node + " no more, and takes all of its events", Topics: n.Topics2})
}
