package onex_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"io"
	"math"
	"net"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/topics"
)

// asked is a request, by its header.
type asked struct {
	key, version  int16
	correlationID uint32
}

// hostile is a broker that answers what it likes. It answers ApiVersions as it
// should if polite, so that the client goes on to ask for metadata.
func hostile(t testing.TB, polite bool, answer func(conn net.Conn, req asked)) (addr string, connections *atomic.Int64) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	connections = new(atomic.Int64)
	var all sync.WaitGroup
	var mu sync.Mutex
	var open []net.Conn
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			connections.Add(1)
			mu.Lock()
			open = append(open, conn)
			mu.Unlock()
			all.Go(func() {
				defer conn.Close()
				serve(conn, polite, answer)
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		mu.Lock()
		for _, conn := range open {
			conn.Close()
		}
		mu.Unlock()
		all.Wait()
	})
	return l.Addr().String(), connections
}

func serve(conn net.Conn, polite bool, answer func(net.Conn, asked)) {
	r := bufio.NewReader(conn)
	for {
		var header struct {
			Size          uint32
			Key, Version  int16
			CorrelationID uint32
		}
		if err := binary.Read(r, binary.BigEndian, &header); err != nil {
			return
		}
		if _, err := io.CopyN(io.Discard, r, int64(header.Size)-8); err != nil {
			return
		}
		req := asked{header.Key, header.Version, header.CorrelationID}
		if polite && req.key == kmsg.ApiVersions.Int16() {
			resp := kmsg.NewPtrApiVersionsResponse()
			resp.SetVersion(req.version)
			for key, most := range map[kmsg.Key]int16{kmsg.ApiVersions: 3, kmsg.Metadata: 7, kmsg.InitProducerID: 1, kmsg.Produce: 8} {
				resp.ApiKeys = append(resp.ApiKeys, kmsg.ApiVersionsResponseApiKey{ApiKey: key.Int16(), MaxVersion: most})
			}
			body := resp.AppendTo(binary.BigEndian.AppendUint32(nil, req.correlationID))
			_, _ = conn.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...))
			continue
		}
		answer(conn, req)
	}
}

// sized writes an answer that says that it has so many bytes, and then zeros until
// nobody takes any more.
func sized(conn net.Conn, req asked, size uint32, begin ...byte) {
	head := binary.BigEndian.AppendUint32(nil, size)
	head = binary.BigEndian.AppendUint32(head, req.correlationID)
	if _, err := conn.Write(append(head, begin...)); err != nil {
		return
	}
	left := int64(size) - 4 - int64(len(begin))
	for zeros := make([]byte, 64<<10); left > 0; left -= int64(len(zeros)) {
		if _, err := conn.Write(zeros[:min(left, int64(len(zeros)))]); err != nil {
			return
		}
	}
}

// peak returns by how much what is on the heap grows until it is called.
func peak() (grown func() int64) {
	heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/unused:bytes"}}
	read := func() int64 {
		metrics.Read(heap)
		return int64(heap[0].Value.Uint64() + heap[1].Value.Uint64())
	}
	before, most := read(), int64(0)
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			most = max(most, read()-before)
			select {
			case <-tick.C:
			case <-end:
				return
			}
		}
	}()
	return func() int64 {
		close(end)
		<-ended
		return most
	}
}

const many = math.MaxInt32

// Whatever a broker answers, publishing does not wait for it, Close keeps its
// deadline, as EnsureTopics does, memory stays bounded, and the broker is not asked
// without a pause.
func TestHostileBroker(t *testing.T) {
	const (
		readBound       = 8 << 20 // what the publisher reads of an answer
		mostMemory      = 50 * readBound
		mostConnections = 30
	)
	array := func(n uint32) []byte { return binary.BigEndian.AppendUint32(make([]byte, 4), n) } // behind a throttle of 0
	for name, tt := range map[string]struct {
		polite bool
		answer func(net.Conn, asked)
	}{
		"99 MB":                      {true, func(c net.Conn, req asked) { sized(c, req, 99<<20) }},
		"99 MB at once":              {false, func(c net.Conn, req asked) { sized(c, req, 99<<20) }},
		"as large as it is read":     {true, func(c net.Conn, req asked) { sized(c, req, readBound) }},
		"a negative size":            {false, func(c net.Conn, req asked) { sized(c, req, 1<<31) }},
		"a size of nothing":          {false, func(c net.Conn, req asked) { _, _ = c.Write(make([]byte, 4)) }},
		"another correlation":        {true, func(c net.Conn, req asked) { req.correlationID++; sized(c, req, 100) }},
		"an array of too many":       {true, func(c net.Conn, req asked) { sized(c, req, 1000, array(many)...) }},
		"an array of less than none": {true, func(c net.Conn, req asked) { sized(c, req, 1000, array(1<<31)...) }},
		"an array as long as the answer": {true, func(c net.Conn, req asked) {
			begin := append(array(0), 0xff, 0xff, 0, 0, 0, 0) // no broker, cluster or controller, and then topics
			sized(c, req, readBound, binary.BigEndian.AppendUint32(begin, readBound/5-100)...)
		}},
		"nonsense": {true, func(c net.Conn, req asked) {
			sized(c, req, 64, []byte("\xff\xfe\x00\x7f\x80\x80\x80\x80\x80\x80\x01kafka\xff\xff\xff\xff\x7f\xff\xff\xff")...)
		}},
		"nothing but zeros": {true, func(c net.Conn, req asked) { sized(c, req, 256) }},
		"a web page": {false, func(c net.Conn, _ asked) {
			_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
		}},
		"TLS": {false, func(c net.Conn, _ asked) { _, _ = c.Write([]byte("\x15\x03\x01\x00\x02\x02\x46")) }},
		"a drip": {true, func(c net.Conn, req asked) {
			_, err := c.Write(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, 1<<20), req.correlationID))
			for tick := time.NewTicker(20 * time.Millisecond); err == nil; <-tick.C {
				_, err = c.Write([]byte{0})
			}
		}},
		"silence": {true, func(net.Conn, asked) {}},
		"an end":  {true, func(c net.Conn, _ asked) { c.Close() }},
	} {
		t.Run(name, func(t *testing.T) {
			addr, connections := hostile(t, tt.polite, tt.answer)
			grown := peak()
			pub := newPublisher(t, onex.Config{}, addr)
			publish(t, pub, "x")
			const life = 200 * time.Millisecond
			inTime := func(what string, do func(context.Context) error) {
				ctx, cancel := context.WithTimeout(context.Background(), life)
				defer cancel()
				began := time.Now()
				err := do(ctx)
				if took := time.Since(began); err == nil || took > life+time.Second {
					t.Errorf("%s takes %v, with %v to do it: %v", what, took, life, err)
				}
			}
			inTime("EnsureTopics", func(ctx context.Context) error {
				_, err := pub.EnsureTopics(ctx, topics.Settings{})
				return err
			})
			inTime("Close", pub.Close)
			if got, want := pub.Ledger(), (onex.Ledger{Accepted: 1, Lost: 1}); got != want {
				t.Errorf("ledger %+v, want %+v", got, want)
			}
			if grown := grown(); grown > mostMemory {
				t.Errorf("the heap grows by %d MB", grown>>20)
			}
			if n := connections.Load(); n > mostConnections {
				t.Errorf("it connects %d times", n)
			}
		})
	}
}
