package cluster

import (
	"bytes"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Whatever a batch is, it is unpacked within bounds or refused; and what the Kafka
// client itself has packed is unpacked.
func FuzzUnpacker(f *testing.F) {
	for codec, c := range map[kgo.CompressionCodecType]kgo.CompressionCodec{
		kgo.CodecGzip: kgo.GzipCompression(), kgo.CodecSnappy: kgo.SnappyCompression(), kgo.CodecLz4: kgo.Lz4Compression(), kgo.CodecZstd: kgo.ZstdCompression(),
	} {
		compressor, err := kgo.DefaultCompressor(c)
		if err != nil {
			f.Fatal(err)
		}
		for _, text := range [][]byte{[]byte("All things flow."), bytes.Repeat([]byte(" "), batchBytes+1)} {
			packed, _ := compressor.Compress(new(bytes.Buffer), text, kgo.CompressFlag(0))
			f.Add(packed, int8(codec))
			unpacked, err := newUnpacker().Decompress(packed, codec)
			if len(text) > batchBytes {
				if err == nil {
					f.Errorf("codec %d: %d bytes", codec, len(unpacked))
				}
			} else if err != nil || !bytes.Equal(unpacked, text) {
				f.Errorf("codec %d: %q, %v", codec, unpacked, err)
			}
		}
	}
	f.Add(append([]byte("\x82SNAPPY\x00\x00\x00\x00\x01\x00\x00\x00\x01"), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), int8(kgo.CodecSnappy))
	f.Fuzz(func(t *testing.T, src []byte, codec int8) {
		unpacked, err := newUnpacker().Decompress(src, kgo.CompressionCodecType(codec))
		if err == nil && len(unpacked) > max(batchBytes, len(src)) {
			t.Errorf("%d bytes become %d", len(src), len(unpacked))
		}
	})
}
