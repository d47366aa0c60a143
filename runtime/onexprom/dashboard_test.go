package onexprom_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	grafana "github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/statetimeline"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"

	"github.com/omninode-ai/onexevents/runtime/onexprom"
)

// read returns the dashboard, as Grafana's own types read it that know each field of
// it and of its panels.
//
//lint:ignore SA1019 every Grafana imports this schema, and only the newest ones its successor
func read(t *testing.T) dashboard.Dashboard {
	t.Helper()
	types := cog.NewRuntime()
	for _, panel := range []variants.PanelcfgConfig{stat.VariantConfig(), statetimeline.VariantConfig(), timeseries.VariantConfig()} {
		types.RegisterPanelcfgVariant(panel)
	}
	types.RegisterDataqueryVariant(grafana.VariantConfig())
	text, err := os.ReadFile("dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	//lint:ignore SA1019 see above
	var d dashboard.Dashboard
	// Without a fault its error has no text, and it reads no panel.
	if err := d.UnmarshalJSONStrict(text); err != nil && err.Error() != "" {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	if err := d.Validate(); err != nil {
		t.Fatal(err)
	}
	return d
}

// The dashboard is one that Grafana takes. It shows every metric, and asks for none that
// does not exist; no panel covers another. Its expressions stand in a file for promtool.
func TestDashboard(t *testing.T) {
	d := read(t)
	unshown := names(onexprom.NewCollector(nil))
	known := names(onexprom.NewCollector(nil))
	ids, taken := map[uint32]bool{}, map[[2]uint32]string{}
	var rules bytes.Buffer
	fmt.Fprintln(&rules, "# The dashboard's expressions, for promtool check rules: go test -run TestDashboard . -update\ngroups:\n  - name: dashboard\n    rules:")
	for _, p := range d.Panels {
		panel := p.Panel
		if ids[*panel.Id] || panel.Description == nil || len(panel.Targets) == 0 {
			t.Errorf("%q has an id twice, no description, or asks for nothing", *panel.Title)
		}
		ids[*panel.Id] = true
		for x := range panel.GridPos.W {
			for y := range panel.GridPos.H {
				at := [2]uint32{panel.GridPos.X + x, panel.GridPos.Y + y}
				if taken[at] != "" || at[0] >= 24 {
					t.Errorf("%q is at %v, where %q is", *panel.Title, at, taken[at])
				}
				taken[at] = *panel.Title
			}
		}
		for i, target := range panel.Targets {
			query := target.(*grafana.Dataquery)
			for _, metric := range metricsOf(query.Expr) {
				if _, ok := known[metric]; !ok {
					t.Errorf("%q asks for %s, which does not exist", *panel.Title, metric)
				}
				delete(unshown, metric)
			}
			expr := strings.NewReplacer("$__rate_interval", "5m", "$__range", "3h", "$job", ".*", "$instance", ".*").Replace(query.Expr)
			if strings.Contains(expr, "$") {
				t.Errorf("%q has a variable that is not known: %s", *panel.Title, expr)
			}
			fmt.Fprintf(&rules, "      - {record: 'dashboard:%d:%d', expr: %s}\n", *panel.Id, i, quote(expr))
		}
	}
	if len(unshown) > 0 {
		t.Errorf("not shown: %v", unshown)
	}
	const file = "testdata/dashboard.rules.yml"
	if *update {
		if err := os.WriteFile(file, rules.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if have, err := os.ReadFile(file); err != nil || !bytes.Equal(have, rules.Bytes()) {
		t.Errorf("%s is not what go test -run TestDashboard . -update would write (%v)", file, err)
	}
}
