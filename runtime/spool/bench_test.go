package spool_test

import (
	"fmt"
	"testing"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool"
)

// What a spool costs on the disk of the temporary folder:
//
//	go test ./runtime/spool -run '^$' -bench . -benchtime 1s
//
// Events have 1000 bytes, which is about what an envelope has.

func BenchmarkAppend(b *testing.B) {
	for _, n := range []int{1, 100} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := open(b, b.TempDir())
			batch := kilobytes(n)
			b.ReportAllocs()
			for b.Loop() {
				for i := range batch {
					batch[i].Seq += uint64(n)
				}
				appendAll(b, s, batch...)
			}
			b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

func BenchmarkRead100(b *testing.B) {
	s := open(b, b.TempDir())
	appendAll(b, s, kilobytes(10_000)...)
	b.ReportAllocs()
	for after := uint64(0); b.Loop(); after = (after + 100) % 9_900 {
		if got := read(b, s, "a", after, 100); len(got) != 100 {
			b.Fatalf("%d events after %d", len(got), after)
		}
	}
}

func BenchmarkRemove40000(b *testing.B) {
	s := open(b, b.TempDir())
	batch := kilobytes(40_000)
	for b.Loop() {
		b.StopTimer()
		appendAll(b, s, batch...)
		b.StartTimer()
		remove(b, s, "a", 40_000)
	}
}

// Open reads and checks everything: 100 MB here.
func BenchmarkOpen100000(b *testing.B) {
	dir := b.TempDir()
	s := open(b, dir)
	appendAll(b, s, kilobytes(100_000)...)
	for b.Loop() {
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		s = open(b, dir, spool.MaxBytes(1<<30))
	}
}

func kilobytes(n int) []onex.Spooled {
	all := sequence("a", 1, uint64(n))
	for i := range all {
		all[i].Value = make([]byte, 1000)
	}
	return all
}
