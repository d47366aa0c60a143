//go:build !race

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/testdata/hostile"
)

// peak reads how much memory a process had at most.
func peak(t *testing.T, status string) int {
	t.Helper()
	text, err := os.ReadFile(status)
	if err != nil {
		t.Fatal(err)
	}
	var kilobytes int
	_, line, _ := strings.Cut(string(text), "VmHWM:")
	if _, err := fmt.Sscan(line, &kilobytes); err != nil {
		t.Fatal(err)
	}
	return kilobytes << 10
}

// Batches that are small on their way and large when they are unpacked cost no
// more memory than others: one that is too large is left out, and is said to be;
// many that together are too large are read one after the other. What comes
// behind them is shown.
func TestBomb(t *testing.T) {
	const mostMemory = 256 << 20
	for name, codec := range map[string]kgo.CompressionCodec{
		"gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(), "lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
	} {
		for _, tt := range []struct {
			name         string
			bytes, count int
			code         int
			says         string
		}{
			{"one of 80 MB", 80 << 20, 1, 2, "bomb.v1/0/0 is left out, as it would be unpacked to more than 16777216 bytes"},
			{"60 of 15 MB", 15 << 20, 60, 0, "1 topic to read"},
		} {
			t.Run(name+", "+tt.name, func(t *testing.T) {
				t.Parallel()
				broker := fill(t, codec, tt.bytes, tt.count)
				code, text, used := measuredRun(t, broker, "tail", "-until-end")
				if code != tt.code || !strings.Contains(text, tt.says) || !strings.Contains(text, "the last one") {
					t.Errorf("it exits with %d and says:\n%.2000s", code, text)
				}
				if used > mostMemory {
					t.Errorf("it takes %d MB", used>>20)
				} else {
					t.Logf("it takes %d MB", used>>20)
				}
			})
		}
	}
}

// fill returns a broker with a topic of so many records, and one behind them.
func fill(t *testing.T, codec kgo.CompressionCodec, bytesOf, count int) (broker string) {
	t.Helper()
	size := "100000000"
	cluster, err := newCluster(kfake.SeedTopics(1, "dev.bomb.v1"), kfake.BrokerConfigs(map[string]string{"message.max.bytes": size}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	broker = cluster.ListenAddrs()[0]
	client, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.ProducerBatchCompression(codec), kgo.ProducerBatchMaxBytes(100_000_000), kgo.BrokerMaxWriteBytes(200_000_000), kgo.MaxBufferedRecords(1))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	values := slices.Repeat([][]byte{bytes.Repeat([]byte(" "), bytesOf)}, count)
	for _, value := range append(values, []byte("the last one")) {
		if err := client.ProduceSync(testContext(), &kgo.Record{Topic: "dev.bomb.v1", Value: value}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	return broker
}

// measuredRun runs onexctl, and returns how much memory it had at most.
func measuredRun(t *testing.T, broker string, args ...string) (code int, text string, used int) {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	memory := filepath.Join(t.TempDir(), "memory")
	cmd.Env = append(os.Environ(), asMeasured+"="+memory, servers+"="+broker, "TZ=UTC")
	out, _ := cmd.CombinedOutput()
	return cmd.ProcessState.ExitCode(), string(out), peak(t, memory)
}

// What is larger on its way than what is read of an answer ends the command, with the
// reason.
func TestTooLargeAnswer(t *testing.T) {
	code, text, _ := measuredRun(t, fill(t, kgo.NoCompression(), 40<<20, 1), "tail", "-until-end")
	if code != 2 || !strings.Contains(text, "a broker sends more at once than the 33554432 bytes that are read") {
		t.Errorf("it exits with %d and says:\n%.2000s", code, text)
	}
}

// Whatever a broker answers, a command ends, says that it is no answer, and takes a
// bounded memory.
func TestHostileBroker(t *testing.T) {
	const answerBytes, mostMemory, mostTime = 32 << 20, 900 << 20, 25 * time.Second
	for name, broker := range hostile.Brokers(answerBytes) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr, _ := broker.Start(t)
			for args, want := range map[string]int{"check -timeout 1s": 1, "tail -until-end": 2} {
				began := time.Now()
				code, text, used := measuredRun(t, addr, strings.Fields(args)...)
				took := time.Since(began)
				if code != want || used > mostMemory || took > mostTime {
					t.Errorf("onexctl %s exits with %d, takes %d MB and %v, and says:\n%.2000s", args, code, used>>20, took, text)
				}
			}
		})
	}
}
