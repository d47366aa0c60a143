package cluster

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/twmb/franz-go/pkg/kgo"
)

// How much is held of what strangers have written: of one answer, of compressed
// batches that are fetched at once, of one batch when it is unpacked, of all that are
// unpacked until somebody has seen them, and of a record that is read.
const (
	answerBytes   = 32 << 20
	fetchBytes    = 1 << 20
	batchBytes    = 16 << 20
	unpackedBytes = 16 << 20
	recordBytes   = 8 << 20
)

// Value is the value of a record, if it is not too large to be read.
func Value(r *kgo.Record) ([]byte, error) {
	if len(r.Value) > recordBytes {
		return nil, fmt.Errorf("the record has %d bytes, and more than %d are not read", len(r.Value), recordBytes)
	}
	return r.Value, nil
}

// errLater: a batch has to wait until others have been seen.
var errLater = errors.New("too much is unpacked already")

// unpacker unpacks batches, which can be a thousand times larger than what was
// fetched, within bounds. The Kafka client returns what was unpacked before the
// first error, and fetches the rest again.
type unpacker struct {
	kgo.Decompressor
	zstd sync.Pool
	left atomic.Int64
}

func newUnpacker() *unpacker {
	u := &unpacker{Decompressor: kgo.DefaultDecompressor()}
	u.zstd.New = func() any {
		r, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(batchBytes))
		if err != nil {
			panic(err) // these options are good
		}
		return r
	}
	u.renew()
	return u
}

// renew is called when what was unpacked has been seen.
func (u *unpacker) renew() { u.left.Store(unpackedBytes) }

// Decompress is called by several goroutines.
func (u *unpacker) Decompress(src []byte, codec kgo.CompressionCodecType) (unpacked []byte, err error) {
	if codec == kgo.CodecNone {
		return src, nil
	}
	if u.left.Load() <= 0 {
		return nil, errLater
	}
	switch codec {
	case kgo.CodecGzip:
		var r *gzip.Reader
		if r, err = gzip.NewReader(bytes.NewReader(src)); err == nil {
			unpacked, err = readBatch(r)
		}
	case kgo.CodecLz4:
		unpacked, err = readBatch(lz4.NewReader(bytes.NewReader(src)))
	case kgo.CodecZstd:
		r := u.zstd.Get().(*zstd.Decoder)
		defer u.zstd.Put(r)
		if err = r.Reset(bytes.NewReader(src)); err == nil {
			unpacked, err = readBatch(r)
		}
	default: // snappy, which says how large it gets
		if snappySize(src) > batchBytes {
			return nil, kgo.ErrMaxDecompress
		}
		unpacked, err = u.Decompressor.Decompress(src, codec)
	}
	if errors.Is(err, zstd.ErrWindowSizeExceeded) {
		err = kgo.ErrMaxDecompress
	}
	u.left.Add(-int64(len(unpacked)))
	return unpacked, err
}

func readBatch(r io.Reader) ([]byte, error) {
	unpacked, err := io.ReadAll(io.LimitReader(r, batchBytes+1))
	if err == nil && len(unpacked) > batchBytes {
		return nil, kgo.ErrMaxDecompress
	}
	return unpacked, err
}

// javaSnappy begins batches of Java's clients. Behind it and two numbers come
// blocks, each with its length.
var javaSnappy = []byte("\x82SNAPPY\x00")

const javaHeader = 16

// snappySize is how large a batch gets, by its own account.
func snappySize(src []byte) (size int) {
	if !bytes.HasPrefix(src, javaSnappy) {
		size, _ = s2.DecodedLen(src)
		return size
	}
	for src = src[min(javaHeader, len(src)):]; len(src) > 4 && size <= batchBytes; {
		n := int64(binary.BigEndian.Uint32(src))
		src = src[4:]
		block, _ := s2.DecodedLen(src)
		size += block
		src = src[min(n, int64(len(src))):]
	}
	return size
}

// sizeOf is how much records hold.
func sizeOf(records []*kgo.Record) (n int) {
	for _, r := range records {
		n += len(r.Value)
	}
	return n
}

// skip leaves out a batch that would be too large, and says so.
func (r *Reader) skip(b *kgo.ErrDecompressTooLarge) {
	here := Place{b.Topic, b.Partition}
	r.cannotRead(b.Topic, fmt.Errorf("the batch at %s is left out, as it would be unpacked to more than %d bytes", Position{here, b.Offset}, batchBytes))
	r.Next[here] = b.NextOffset
	if end, isBounded := r.ends[here]; isBounded && b.NextOffset >= end {
		delete(r.ends, here)
		return
	}
	r.client.SetOffsets(map[string]map[int32]kgo.EpochOffset{b.Topic: {b.Partition: {Epoch: b.Epoch, Offset: b.NextOffset}}})
}
