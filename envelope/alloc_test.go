//go:build !race

package envelope

import "testing"

// Encoding into a buffer that is large enough takes no memory, and decoding a
// handful of pieces. (The race detector makes pools forget.)
func TestAllocations(t *testing.T) {
	e, p := benchEvent()
	template := NewTemplate(*e, p, "orchestrator", "orchestrator")
	second := NewTemplateV2(p, "orchestrator", "orchestrator", p.NodeID, "production", 1)
	data, err := e.AppendJSON(nil)
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 0, 2<<10)
	for _, tt := range []struct {
		name string
		do   func() error
		most float64
	}{
		{"encode", func() error {
			_, err := template.AppendJSON(buf, e.EventID, "cause", "key", &p)
			return err
		}, 0},
		{"encode a V2", func() error {
			_, err := second.AppendJSON(buf, e.EventID, testID, "cause", &p)
			return err
		}, 0},
		{"key", func() error { template.AppendKey(buf, e.EventID, "", &p); return nil }, 0},
		{"summary of a struct", func() error { AppendSummary(buf, &benchInput{}); return nil }, 1}, // the struct
		{"summary of a map", func() error { AppendSummary(buf, benchMap); return nil }, 0},
		{"decode", func() error {
			e, err := Decode(data)
			if err != nil {
				return err
			}
			_, err = e.DecodePayload()
			return err
		}, 10},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := testing.AllocsPerRun(1000, func() {
				if err := tt.do(); err != nil {
					t.Fatal(err)
				}
			})
			if got > tt.most {
				t.Errorf("%v allocations, want %v", got, tt.most)
			}
		})
	}
}
