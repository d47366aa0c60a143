package env

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/runtime/internal/encode"
	"github.com/omninode-ai/onexevents/runtime/internal/kafka"
)

// Settings are what the environment says; the zero value of a field is its
// default.
type Settings struct {
	Bus                    bool // the profile is that of today's bus
	Namespace, Environment string
	NoDeadLetters          bool
	DeadLetterSuffix       string
	MaxEventBytes          int
	Options                []kgo.Opt // of the Kafka client
}

// Read returns what the variables say, or all that is wrong with them: each
// mistake with the variable, its value and what to set it to, and without a
// secret.
func Read(getenv func(string) string) (Settings, error) {
	e := &environment{getenv: getenv}
	s := Settings{
		Bus:           e.oneOf("ONEX_PROFILE", "v1", "2") == "2",
		Environment:   e.get("ENVIRONMENT"),
		NoDeadLetters: !e.bool("KAFKA_ENABLE_DLQ", true),
	}
	e.naming(&s)
	e.brokers()
	e.security()
	e.compression()
	e.partitioner()
	s.MaxEventBytes = e.requestSize()
	e.promises()
	if len(e.faults) > 0 {
		return Settings{}, fmt.Errorf("environment: %w", errors.Join(e.faults...))
	}
	s.Options = e.opts
	return s, nil
}

// naming reads how topics are named, which is another thing for each profile.
func (e *environment) naming(s *Settings) {
	const suffix = "KAFKA_DLQ_SUFFIX"
	if s.Bus {
		s.Namespace = e.busNamespace()
		if e.get(suffix) != "" {
			e.refuse(suffix, "with ONEX_PROFILE=2 dead letters go to onex.dlq.…, since no topic there may have a suffix; leave it out")
		}
		return
	}
	s.Namespace = e.matching("DEFAULT_NAMESPACE", encode.IsNamespace, "letters, digits, '.', '_' and '-', not with '.' at the beginning")
	s.DeadLetterSuffix = e.matching(suffix, encode.IsSuffix, "letters, digits, '.', '_' and '-'")
}

// busNamespace may have a dot at its end.
func (e *environment) busNamespace() string {
	const name = "KAFKA_TOPIC_NAMESPACE"
	namespace := strings.TrimSuffix(e.get(name), ".")
	if e.get(name) != "" && !encode.IsTopicNamespace(namespace) {
		e.refuse(name, "make it of 1 to 32 of a-z, 0-9 and '-', with a letter first")
	}
	return namespace
}

func (e *environment) brokers() {
	const name = brokersVar
	if e.get(name) == "" {
		return
	}
	if strings.Contains(e.get(name), "@") { // before it, there may be a password
		e.faults = append(e.faults, errors.New(name+" has an @: give host:port only; credentials go to KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD"))
		return
	}
	var brokers []string
	for broker := range strings.SplitSeq(e.get(name), ",") {
		broker = strings.TrimSpace(broker)
		if broker == "" {
			continue
		}
		if fault := brokerFault(broker); fault != "" {
			e.refuse(name, "%q %s", shown(name, broker), fault)
			return
		}
		brokers = append(brokers, broker)
	}
	if len(brokers) == 0 {
		e.refuse(name, "there is no broker in it; give host:port, several with commas")
		return
	}
	e.opts = append(e.opts, kgo.SeedBrokers(brokers...))
}

// brokerFault says what is wrong with a broker's address, "" if nothing is.
// One without a port has Kafka's own, 9092.
func brokerFault(broker string) string {
	if scheme, _, ok := strings.Cut(broker, "://"); ok {
		return fmt.Sprintf("begins with %s://; leave that out, and set KAFKA_SECURITY_PROTOCOL for it", shown("", scheme))
	}
	hasPort := strings.Contains(broker, ":")
	if strings.ContainsAny(broker, " \t/;") || !hasPort && strings.ContainsAny(broker, "[]") {
		return "is no address; give host:port, several with commas"
	}
	if !hasPort {
		return ""
	}
	host, port, err := net.SplitHostPort(broker)
	if err != nil || host == "" {
		return "is no address; give host:port, an IPv6 address in brackets"
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return "has no port between 1 and 65535; give host:port"
	}
	return ""
}

func (e *environment) compression() {
	codecs := map[string]kgo.CompressionCodec{
		"gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(), "lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
	}
	switch value := e.oneOf("KAFKA_COMPRESSION_TYPE", "none", "gzip", "snappy", "lz4", "zstd"); value {
	case "":
	case "none":
		e.opts = append(e.opts, kgo.ProducerBatchCompression(kgo.NoCompression()))
	default: // and none where a broker is too old for it
		e.opts = append(e.opts, kgo.ProducerBatchCompression(codecs[value], kgo.NoCompression()))
	}
}

func (e *environment) partitioner() {
	const name = "KAFKA_PARTITIONING_STRATEGY"
	switch strings.ToLower(e.get(name)) {
	case "", "default", "murmur2":
	case "balanced":
		e.opts = append(e.opts, kgo.RecordPartitioner(kafka.Balanced()))
	case "hash":
		e.opts = append(e.opts, kgo.RecordPartitioner(kafka.Hash()))
	case "round_robin":
		e.refuse(name, "the events of one key would have no order; set it to one of default, balanced, hash")
	default:
		e.refuse(name, "set it to one of default, balanced, hash")
	}
}

// The smallest size that Kafka can be worked with, and the largest that its
// brokers take in one request by default.
const (
	minRequestSize = 16 << 10
	maxRequestSize = 100 << 20
)

// requestSize returns the bound of one event: an event that is half as large
// as what Kafka takes still fits when it comes as a dead letter.
func (e *environment) requestSize() int {
	const name = "KAFKA_MAX_REQUEST_SIZE"
	if e.get(name) == "" {
		return 0
	}
	size, err := strconv.Atoi(e.get(name))
	if err != nil || size < minRequestSize || size > maxRequestSize {
		e.refuse(name, "set it to a number of bytes from %d to %d", minRequestSize, maxRequestSize)
		return 0
	}
	e.opts = append(e.opts, kgo.ProducerBatchMaxBytes(int32(size)))
	return size / 2
}

// promises refuses what would break those of the publisher.
func (e *environment) promises() {
	switch e.get("KAFKA_ACKS") {
	case "", "-1", "all", "ALL", "All":
	default:
		e.refuse("KAFKA_ACKS", "a delivered event could be gone with one broker; set it to all, or leave it out")
	}
	if !e.bool("KAFKA_ENABLE_IDEMPOTENCE", true) {
		e.refuse("KAFKA_ENABLE_IDEMPOTENCE", "a retry could write an event twice, or behind its successor; set it to true, or leave it out")
	}
}
