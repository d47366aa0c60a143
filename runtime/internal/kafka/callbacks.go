package kafka

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"reflect"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/runtime/internal/guest"
)

// guardCallbacks returns options that put a guard around each function, and each
// value with methods, that a client has been given; but for its hooks and its
// credentials, of which an option adds to others. What panics is as if it had
// returned what stands here.
func guardCallbacks(like *kgo.Client, g guard) (opts []kgo.Opt) {
	if l, ok := like.OptValue(kgo.WithLogger).(kgo.Logger); ok {
		opts = append(opts, kgo.WithLogger(logger{l, g}))
	}
	if dial, ok := like.OptValue(kgo.Dialer).(func(context.Context, string, string) (net.Conn, error)); ok {
		// It knows of TLS, and calls what there is in its configuration.
		opts = append(opts, kgo.DialTLSConfig(nil), kgo.Dialer(dialer(dial)))
	}
	if p, ok := like.OptValue(kgo.RecordPartitioner).(kgo.Partitioner); ok {
		opts = append(opts, kgo.RecordPartitioner(partitioner{p, g}))
	}
	if c, ok := like.OptValue(kgo.WithCompressor).(kgo.Compressor); ok && !isKgos(c) {
		opts = append(opts, kgo.WithCompressor(compressor{c, g}))
	}
	if f, ok := like.OptValue(kgo.ProducerBatchMaxBytesFn).(func(string) int32); ok {
		limit, _ := like.OptValue(kgo.ProducerBatchMaxBytes).(int32)
		opts = append(opts, kgo.ProducerBatchMaxBytesFn(func(topic string) (bytes int32) {
			bytes = limit
			g.call("ProducerBatchMaxBytesFn", func() { bytes = f(topic) })
			return bytes
		}))
	}
	if f, ok := like.OptValue(kgo.ProducerOnDataLossDetected).(func(string, int32)); ok {
		opts = append(opts, kgo.ProducerOnDataLossDetected(func(topic string, partition int32) {
			g.call("ProducerOnDataLossDetected", func() { f(topic, partition) })
		}))
	}
	if f, ok := like.OptValue(kgo.RetryBackoffFn).(func(int) time.Duration); ok {
		opts = append(opts, kgo.RetryBackoffFn(func(tries int) (d time.Duration) {
			d = time.Second
			g.call("RetryBackoffFn", func() { d = f(tries) })
			return d
		}))
	}
	if f, ok := like.OptValue(kgo.RetryTimeoutFn).(func(int16) time.Duration); ok {
		opts = append(opts, kgo.RetryTimeoutFn(func(key int16) (d time.Duration) {
			d = 30 * time.Second
			g.call("RetryTimeoutFn", func() { d = f(key) })
			return d
		}))
	}
	if f, ok := like.OptValue(kgo.OnRebootstrapRequired).(func() ([]string, error)); ok && f != nil {
		opts = append(opts, kgo.OnRebootstrapRequired(func() (seeds []string, err error) {
			if failure := guarded(func() { seeds, err = f(); err = guest.Tame(err) }); failure != nil {
				return nil, fmt.Errorf("OnRebootstrapRequired: %w", failure)
			}
			return seeds, err
		}))
	}
	return opts
}

// isKgos tells what the client has by default, of which it may want more than the
// interface says.
func isKgos(v any) bool {
	t := reflect.TypeOf(v)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.PkgPath() == reflect.TypeFor[kgo.Client]().PkgPath()
}

type compressor struct {
	kgo.Compressor
	guard
}

func (c compressor) Compress(dst *bytes.Buffer, src []byte, flags ...kgo.CompressFlag) (compressed []byte, codec kgo.CompressionCodecType) {
	compressed, codec = src, kgo.CodecNone
	c.call("WithCompressor", func() { compressed, codec = c.Compressor.Compress(dst, src, flags...) })
	return compressed, codec
}
