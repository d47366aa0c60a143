package kafka

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A group that has been answered for can be given again, with fewer records or more.
func TestGroupIsGivenAgain(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.start()
		b.send("t", "first")
		b.delivered(1)
		g := b.group("t", "0", "1", "2")
		done := 0
		g.Done = func() { done++ }
		want := []string{"first"}
		for turn, n := range []int{3, 1, 5} {
			g.Records = make([]kgo.Record, n)
			for i := range g.Records {
				value := fmt.Sprint(turn, i)
				g.Records[i].Value = []byte(value)
				want = append(want, value)
			}
			if taken := b.client.Send(g); taken != n {
				t.Fatalf("%d of %d records were taken", taken, n)
			}
			b.client.Flush()
			b.delivered(n)
			synctest.Wait()
			if done != turn+1 {
				t.Errorf("it has been told %d times that all was answered for, in turn %d", done, turn)
			}
		}
		if got := b.log("t"); !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	})
}
