package record

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// Kind is what a record says.
type Kind byte

// What a record may say.
const (
	Event     Kind = 'e' // this event is in the spool
	Operation Kind = 'o' // this event has started an operation that nobody has finished
	Removed   Kind = 'r' // the topic's events up to Seq that an earlier transaction wrote are removed
	Highest   Kind = 'h' // no event had a higher Seq
)

// Record is the unit of what is in the file.
type Record struct {
	Kind  Kind
	Stamp uint64 // the transaction that wrote it
	onex.Spooled
}

// A record is framed so that it can be found, and told from what it is not,
// in a file of which nothing else makes sense. All numbers are little endian:
//
//	0   Magic, of which the last byte is the version of the format
//	4   CRC-32C of all that follows
//	8   length of all that follows
//	12  kind, stamp, Seq, At (seconds, nanoseconds)
//	41  Topic, Operation, Key, Value, each after its length as an uvarint;
//	    those of Key and Value are one more than that, and 0 if it is nil
//	    then, if there are any, the headers after their length in all: each as
//	    its key and its value, as Topic and Value are
//	…   what later versions add, each field after its length
const (
	// Magic is what every record begins with.
	Magic = "\xf1ox\x01"
	// HeaderSize is that of what FrameSize reads.
	HeaderSize = 12
	fixedSize  = HeaderSize + 1 + 8 + 8 + 8 + 4

	// MaxSize is more than a broker takes, and little enough to read a
	// record that is none.
	MaxSize = 64 << 20
)

var (
	errNoRecord = errors.New("there is no record of this version")
	errChecksum = errors.New("the checksum is wrong")

	// ErrContent: a record says what it cannot say, or not where it is.
	ErrContent = errors.New("the checksum is right and the content is not")

	castagnoli = crc32.MakeTable(crc32.Castagnoli)
)

// Size is that of the encoded record, or a little more.
func (r Record) Size() int {
	size := fixedSize + 4*binary.MaxVarintLen32 + len(r.Topic) + len(r.Operation) + len(r.Key) + len(r.Value)
	for _, h := range r.Headers {
		size += 3*binary.MaxVarintLen32 + len(h.Key) + len(h.Value)
	}
	return size
}

// Encode returns the record as it is in the file.
func (r Record) Encode() []byte {
	b := make([]byte, 0, r.Size())
	b = append(b, Magic...)
	b = append(b, 0, 0, 0, 0, 0, 0, 0, 0)
	b = append(b, byte(r.Kind))
	b = binary.LittleEndian.AppendUint64(b, r.Stamp)
	b = binary.LittleEndian.AppendUint64(b, r.Seq)
	b = binary.LittleEndian.AppendUint64(b, uint64(r.At.Unix()))
	b = binary.LittleEndian.AppendUint32(b, uint32(r.At.Nanosecond()))
	b = append(binary.AppendUvarint(b, uint64(len(r.Topic))), r.Topic...)
	b = append(binary.AppendUvarint(b, uint64(len(r.Operation))), r.Operation...)
	b = appendBytes(b, r.Key)
	b = appendBytes(b, r.Value)
	if len(r.Headers) > 0 {
		var headers []byte
		for _, h := range r.Headers {
			headers = append(binary.AppendUvarint(headers, uint64(len(h.Key))), h.Key...)
			headers = appendBytes(headers, h.Value)
		}
		b = append(binary.AppendUvarint(b, uint64(len(headers))), headers...)
	}
	seal(b)
	return b
}

// seal completes the header of a record.
func seal(b []byte) {
	binary.LittleEndian.PutUint32(b[8:], uint32(len(b)-HeaderSize))
	binary.LittleEndian.PutUint32(b[4:], crc32.Checksum(b[8:], castagnoli))
}

func appendBytes(b, field []byte) []byte {
	if field == nil {
		return append(b, 0)
	}
	return append(binary.AppendUvarint(b, uint64(len(field))+1), field...)
}

// FrameSize returns the size of the record that b begins with, if it does
// begin with one.
func FrameSize(b []byte) (int, bool) {
	if len(b) < HeaderSize || string(b[:len(Magic)]) != Magic {
		return 0, false
	}
	n := binary.LittleEndian.Uint32(b[8:])
	return HeaderSize + int(n), n >= fixedSize-HeaderSize && n <= MaxSize
}

// Decode returns the record that b is, from the first byte to the last. Its
// Key and Value are parts of b.
func Decode(b []byte) (Record, error) {
	n, ok := FrameSize(b)
	if !ok {
		return Record{}, errNoRecord
	}
	if n != len(b) || crc32.Checksum(b[8:], castagnoli) != binary.LittleEndian.Uint32(b[4:]) {
		return Record{}, errChecksum
	}
	r := Record{Kind: Kind(b[12]), Stamp: binary.LittleEndian.Uint64(b[13:])}
	r.Seq = binary.LittleEndian.Uint64(b[21:])
	nsec := binary.LittleEndian.Uint32(b[37:])
	r.At = time.Unix(int64(binary.LittleEndian.Uint64(b[29:])), int64(nsec)).UTC()
	f := fields{rest: b[fixedSize:], ok: nsec < 1e9}
	r.Topic = string(f.take(f.length()))
	r.Operation = string(f.take(f.length()))
	r.Key = f.takeBytes()
	r.Value = f.takeBytes()
	r.Headers = f.takeHeaders()
	for f.ok && len(f.rest) > 0 {
		f.take(f.length()) // a field of a later version, which this one does not know
	}
	if !f.ok {
		return Record{}, ErrContent
	}
	return r, nil
}

// fields are the parts of a record that have no fixed length.
type fields struct {
	rest []byte
	ok   bool
}

func (f *fields) length() uint64 {
	n, size := binary.Uvarint(f.rest)
	if size <= 0 {
		f.ok = false
		return 0
	}
	f.rest = f.rest[size:]
	return n
}

func (f *fields) take(n uint64) []byte {
	if n > math.MaxInt || int(n) > len(f.rest) {
		f.ok = false
		return nil
	}
	field := f.rest[:n:n]
	f.rest = f.rest[n:]
	return field
}

func (f *fields) takeBytes() []byte {
	n := f.length()
	if n == 0 {
		return nil
	}
	return f.take(n - 1)
}

// takeHeaders returns those that there may be behind the other fields. They are
// parts of the record.
func (f *fields) takeHeaders() (headers []kgo.RecordHeader) {
	if len(f.rest) == 0 {
		return nil
	}
	inner := fields{rest: f.take(f.length()), ok: f.ok}
	for inner.ok && len(inner.rest) > 0 {
		key := string(inner.take(inner.length()))
		headers = append(headers, kgo.RecordHeader{Key: key, Value: inner.takeBytes()})
	}
	f.ok = inner.ok
	return headers
}

// Copy returns the event of a record, for a caller to keep.
func (r Record) Copy() onex.Spooled {
	r.Key = slices.Clone(r.Key)
	r.Value = slices.Clone(r.Value)
	r.Headers = slices.Clone(r.Headers)
	for i, h := range r.Headers {
		r.Headers[i].Value = slices.Clone(h.Value)
	}
	return r.Spooled
}
