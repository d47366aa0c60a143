package topics

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Settings say what the topics of events are to be like. The zero value is
// good for most: 3 partitions, as many replicas as the brokers give by default,
// 7 days; for dead letters one partition and 30 days.
//
// What exists is changed with care, because a person may have had reasons, and
// because Kafka deletes what a topic is no longer to keep. Partitions are added
// and never taken away, and replicas are left as they are. Of settings whose
// value is a size or a time, a higher one stays. Of others, such as
// cleanup.policy, one that has been set on the topic itself stays, and one that
// the topic only has from the brokers is set. What stays is told in the plan;
// Overwrite changes it.
type Settings struct {
	// Events is for the topics that were asked for. Defaults: 3 partitions, the
	// brokers' replication factor, 7 days, "delete".
	Events Shape

	// DeadLetters is for the topics of their dead letters. Defaults: 1
	// partition, the replication factor of Events, 30 days, "delete". Of the
	// further Configs of Events only a max.message.bytes beyond Kafka's own
	// default is for dead letters too: a letter is larger than its event.
	DeadLetters Shape

	// NoDeadLetters and DeadLetterSuffix have to be those of the publisher's
	// configuration. Default: there are, and ".dlq". OnexDLQ is for a publisher with
	// Profile2: see [Letters].
	NoDeadLetters    bool
	DeadLetterSuffix string
	OnexDLQ          bool

	// Overrides are for some of the topics. If several are for one topic, the
	// last one that sets a field counts.
	Overrides []Override

	// Overwrite sets topics to what the settings say even if that is lower, or
	// replaces what was set on the topic itself. Kafka may then delete events
	// at once. Partitions and replicas stay all the same.
	Overwrite bool
}

// Shape is what one topic is to be like. A field's zero value is its
// default.
type Shape struct {
	Partitions        int
	ReplicationFactor int               // 0: the brokers' default
	Retention         time.Duration     // retention.ms, or RetainForever
	CleanupPolicy     string            // cleanup.policy
	Configs           map[string]string // further settings by Kafka's names, such as min.insync.replicas
}

// RetainForever is the Retention of a topic from which nothing is deleted for
// its age.
const RetainForever time.Duration = -1

// Override is for the topics whose names match. The pattern is that of
// [path.Match]: * is any text. It is for topics of dead letters only if it ends
// with their suffix, or has their onex.dlq.
type Override struct {
	Match string
	TopicShape
}

// TopicShape is [Shape], by the name that its field in [Override] has.
type TopicShape = Shape

const (
	configRetention  = "retention.ms"
	configCleanup    = "cleanup.policy"
	configMinReplica = "min.insync.replicas"
	configSize       = "max.message.bytes"
)

// withDefaults returns s with every field set, or what is wrong with it.
func (s Settings) withDefaults() (Settings, error) {
	if s.DeadLetterSuffix == "" {
		s.DeadLetterSuffix = ".dlq"
	}
	s.Events = Shape{Partitions: 3, Retention: 7 * day, CleanupPolicy: "delete"}.with(s.Events)
	s.DeadLetters = Shape{Partitions: 1, ReplicationFactor: s.Events.ReplicationFactor, Retention: 30 * day, CleanupPolicy: "delete"}.with(s.DeadLetters)
	var faults []error
	if !namePat.MatchString(s.DeadLetterSuffix) {
		faults = append(faults, fmt.Errorf("%q cannot end a topic; make TopicSettings.DeadLetterSuffix of letters, digits, '.', '_' and '-'", s.DeadLetterSuffix))
	}
	faults = append(faults, s.Events.check("Events"), s.DeadLetters.check("DeadLetters"))
	for i, o := range s.Overrides {
		at := fmt.Sprintf("Overrides[%d]", i)
		if _, err := path.Match(o.Match, ""); err != nil || o.Match == "" {
			faults = append(faults, fmt.Errorf("%q matches no topic; set TopicSettings.%s.Match to a topic, with * for any text", o.Match, at))
		}
		faults = append(faults, s.Events.with(o.TopicShape).check(at))
	}
	return s, errors.Join(faults...)
}

const day = 24 * time.Hour

// with returns s with the fields that other sets.
func (s Shape) with(other Shape) Shape {
	if other.Partitions != 0 {
		s.Partitions = other.Partitions
	}
	if other.ReplicationFactor != 0 {
		s.ReplicationFactor = other.ReplicationFactor
	}
	if other.Retention != 0 {
		s.Retention = other.Retention
	}
	if other.CleanupPolicy != "" {
		s.CleanupPolicy = other.CleanupPolicy
	}
	if len(other.Configs) > 0 {
		s.Configs = maps.Clone(s.Configs)
		if s.Configs == nil {
			s.Configs = map[string]string{}
		}
		maps.Copy(s.Configs, other.Configs)
	}
	return s
}

// maxPartitions is how many Kafka makes at once.
const maxPartitions = 10_000

func (s Shape) check(at string) error {
	var faults []error
	refuse := func(field, format string, args ...any) {
		faults = append(faults, fmt.Errorf("TopicSettings.%s.%s: %s", at, field, fmt.Sprintf(format, args...)))
	}
	if s.Partitions < 0 || s.Partitions > maxPartitions {
		refuse("Partitions", "%d; set it to a number from 1 to %d, or to 0 for the default", s.Partitions, maxPartitions)
	}
	if s.ReplicationFactor < 0 || s.ReplicationFactor > 1<<15-1 {
		refuse("ReplicationFactor", "%d; set it to the number of replicas, or to 0 for the brokers' default", s.ReplicationFactor)
	}
	if s.Retention != RetainForever && s.Retention < time.Millisecond {
		refuse("Retention", "%v; set it to a time, to RetainForever, or to 0 for the default", s.Retention)
	}
	for policy := range strings.SplitSeq(s.CleanupPolicy, ",") {
		if policy != "delete" && policy != "compact" {
			refuse("CleanupPolicy", "%q; set it to delete, compact or compact,delete", s.CleanupPolicy)
			break
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Configs)) {
		value := s.Configs[name]
		switch {
		case name == configRetention:
			refuse("Configs", "%s; set Retention in place of it", name)
		case name == configCleanup:
			refuse("Configs", "%s; set CleanupPolicy in place of it", name)
		case name == "" || value == "":
			refuse("Configs", "%q is %q; give a name and a value", name, value)
		}
	}
	if n := s.minInSync(); s.ReplicationFactor > 0 && n > s.ReplicationFactor {
		refuse("Configs", "%s is %d with %d replicas, which cannot be met; lower it, or raise ReplicationFactor", configMinReplica, n, s.ReplicationFactor)
	}
	return errors.Join(faults...)
}

// minInSync returns min.insync.replicas, 0 if the settings do not say it.
func (s Shape) minInSync() int {
	n, _ := strconv.Atoi(s.Configs[configMinReplica])
	return n
}

// shape returns what a topic is to be like. isLetters tells that it has dead
// letters.
func (s Settings) shape(topic string, isLetters bool) Shape {
	shape := s.Events
	if isLetters {
		shape = s.DeadLetters
		shape.Configs = s.sizeForLetters(topic)
		shape = shape.with(Shape{Configs: s.DeadLetters.Configs})
	}
	for _, o := range s.Overrides {
		if o.matches(topic, isLetters, s.letters()) {
			shape = shape.with(o.TopicShape)
		}
	}
	return shape
}

// sizeForLetters returns the setting that a topic of dead letters has from that
// of its events.
func (s Settings) sizeForLetters(topic string) map[string]string {
	const usual = 1048588 // max.message.bytes of brokers
	events, _ := s.letters().Topic(topic)
	size := s.shape(events, false).Configs[configSize]
	if n, err := strconv.Atoi(size); err != nil || n <= usual {
		return nil
	}
	return map[string]string{configSize: size}
}

func (s Settings) letters() Letters {
	return Letters{Suffix: s.DeadLetterSuffix, OnexDLQ: s.OnexDLQ}
}

// lettersOf returns the topic of a topic's dead letters, or if there are none the
// topic itself.
func (s Settings) lettersOf(topic string, isLetters bool) string {
	if isLetters || s.NoDeadLetters {
		return topic
	}
	return s.letters().Of(topic)
}

func (o Override) matches(topic string, isLetters bool, l Letters) bool {
	ok, _ := path.Match(o.Match, topic)
	return ok && isLetters == l.Are(o.Match)
}

// configs returns the topic's settings by Kafka's names.
func (s Shape) configs() map[string]string {
	configs := map[string]string{configCleanup: s.CleanupPolicy}
	if s.CleanupPolicy != "compact" { // else nothing is deleted for its age
		configs[configRetention] = milliseconds(s.Retention)
	}
	maps.Copy(configs, s.Configs)
	return configs
}

func milliseconds(d time.Duration) string {
	if d == RetainForever {
		return "-1"
	}
	return strconv.FormatInt(d.Milliseconds(), 10)
}
