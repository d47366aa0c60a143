// Package hostile has brokers that answer what they like.
package hostile

import (
	"bufio"
	"encoding/binary"
	"io"
	"math"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// Broker is what one broker answers. A polite one answers ApiVersions as it should, so
// that the client goes on to ask for metadata.
type Broker struct {
	polite bool
	answer func(conn net.Conn, req asked)
}

// Brokers are those that there are, by what is wrong with them; some use all of what
// a client reads of an answer.
func Brokers(clientReads uint32) map[string]Broker {
	array := func(n uint32) []byte { return binary.BigEndian.AppendUint32(make([]byte, 4), n) } // behind a throttle of 0
	topics := func(size uint32) func(net.Conn, asked) {
		begin := append(array(0), 0xff, 0xff, 0, 0, 0, 0) // no broker, cluster or controller, and then topics
		return func(c net.Conn, req asked) { sized(c, req, size, binary.BigEndian.AppendUint32(begin, size/5-100)...) }
	}
	return map[string]Broker{
		"99 MB":                          {true, func(c net.Conn, req asked) { sized(c, req, 99<<20) }},
		"99 MB at once":                  {false, func(c net.Conn, req asked) { sized(c, req, 99<<20) }},
		"as large as it is read":         {true, func(c net.Conn, req asked) { sized(c, req, clientReads) }},
		"a negative size":                {false, func(c net.Conn, req asked) { sized(c, req, 1<<31) }},
		"a size of nothing":              {false, func(c net.Conn, req asked) { _, _ = c.Write(make([]byte, 4)) }},
		"another correlation":            {true, func(c net.Conn, req asked) { req.correlationID++; sized(c, req, 100) }},
		"an array of too many":           {true, func(c net.Conn, req asked) { sized(c, req, 1000, array(math.MaxInt32)...) }},
		"an array of less than none":     {true, func(c net.Conn, req asked) { sized(c, req, 1000, array(1<<31)...) }},
		"an array as long as the answer": {true, topics(clientReads)},
		"an array of 99 MB":              {true, topics(99 << 20)},
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
	}
}

// asked is a request, by its header.
type asked struct {
	key, version  int16
	correlationID uint32
}

// Start returns the address of the broker, which lives as long as the test, and how
// often somebody has connected to it.
func (b Broker) Start(t testing.TB) (addr string, connections *atomic.Int64) {
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
				b.serve(conn)
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

func (b Broker) serve(conn net.Conn) {
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
		if b.polite && req.key == kmsg.ApiVersions.Int16() {
			resp := kmsg.NewPtrApiVersionsResponse()
			resp.SetVersion(req.version)
			for key, most := range map[kmsg.Key]int16{kmsg.ApiVersions: 3, kmsg.Metadata: 7, kmsg.InitProducerID: 1, kmsg.Produce: 8} {
				resp.ApiKeys = append(resp.ApiKeys, kmsg.ApiVersionsResponseApiKey{ApiKey: key.Int16(), MaxVersion: most})
			}
			body := resp.AppendTo(binary.BigEndian.AppendUint32(nil, req.correlationID))
			_, _ = conn.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...))
			continue
		}
		b.answer(conn, req)
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
