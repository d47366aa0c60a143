//go:build !race

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
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
				size := "100000000"
				cluster, err := newCluster(kfake.SeedTopics(1, "dev.bomb.v1"), kfake.BrokerConfigs(map[string]string{"message.max.bytes": size}))
				if err != nil {
					t.Fatal(err)
				}
				defer cluster.Close()
				broker := cluster.ListenAddrs()[0]
				client, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.ProducerBatchCompression(codec), kgo.ProducerBatchMaxBytes(100_000_000), kgo.BrokerMaxWriteBytes(200_000_000), kgo.MaxBufferedRecords(1))
				if err != nil {
					t.Fatal(err)
				}
				defer client.Close()
				bomb := bytes.Repeat([]byte(" "), tt.bytes)
				for range tt.count {
					if err := client.ProduceSync(testContext(), &kgo.Record{Topic: "dev.bomb.v1", Value: bomb}).FirstErr(); err != nil {
						t.Fatal(err)
					}
				}
				if err := client.ProduceSync(testContext(), &kgo.Record{Topic: "dev.bomb.v1", Value: []byte("the last one")}).FirstErr(); err != nil {
					t.Fatal(err)
				}
				cmd := exec.Command(os.Args[0], "tail", "-until-end")
				memory := filepath.Join(t.TempDir(), "memory")
				cmd.Env = append(os.Environ(), asMeasured+"="+memory, servers+"="+broker, "TZ=UTC")
				out, _ := cmd.CombinedOutput()
				text := string(out)
				if code := cmd.ProcessState.ExitCode(); code != tt.code || !strings.Contains(text, tt.says) || !strings.Contains(text, "the last one") {
					t.Errorf("it exits with %d and says:\n%.2000s", code, text)
				}
				if used := peak(t, memory); used > mostMemory {
					t.Errorf("it takes %d MB", used>>20)
				} else {
					t.Logf("it takes %d MB", used>>20)
				}
			})
		}
	}
}
