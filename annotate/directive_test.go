package annotate_test

import (
	"errors"
	"testing"

	"github.com/omninode-ai/onexevents/annotate"
)

// Text alone is a directive, with places in it.
func TestParseDirective(t *testing.T) {
	n, err := annotate.ParseDirective("type=effect service=stamping state=false\nstamp(time.Time,[]Stamp) x@2", annotate.Import{Name: "time", Path: "time"})
	if err != nil {
		t.Fatal(err)
	}
	stamp, x := n.Operations[0], n.Operations[1]
	if n.Type != "effect" || n.Service != "stamping" || !n.NoState || n.NoMetric ||
		stamp.Head() != "stamp" || stamp.Input.Imports[0].Path != "time" || stamp.Result.Source != "[]Stamp" || x.Head() != "x@2" {
		t.Errorf("%+v", n)
	}
	if n.ServicePos.Column != 21 || stamp.Pos.Column != 42 || stamp.Pos.Line != 1 || stamp.Pos.Filename != "" {
		t.Errorf("%+v, %+v", n.ServicePos, stamp.Pos)
	}
	_, err = annotate.ParseDirective("type=efect service=stamping x x api(sql.Row)")
	var diags annotate.Diagnostics
	if !errors.As(err, &diags) || len(diags) != 3 || diags[0].Pos.Column != 6 || diags[1].Pos.Column != 31 || diags[2].Pos.Column != 37 ||
		diags[1].Message != `operation "x" is listed twice; remove one` {
		t.Errorf("%v", err)
	}
	if n, err := annotate.ParseDirective(""); n != nil || err == nil {
		t.Errorf("%v, %v", n, err)
	}
}
