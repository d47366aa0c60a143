package topics

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// state is a topic as the brokers have it.
type state struct {
	exists     bool
	partitions int
	replicas   int // of the partition that has the fewest
	configs    map[string]config
}

// config is a setting's value, and whether it was set on the topic itself.
type config struct {
	value string
	own   bool
}

// risen has the settings of which a higher value keeps or takes more.
var risen = []string{configRetention, "retention.bytes", "delete.retention.ms", configSize, configMinReplica}

// compare works out what is to be done with a topic. It changes nothing but
// what t says of that.
func (t *target) compare(have state, overwrite bool) {
	c := &t.change
	c.Create, c.Changes, c.Kept, c.Warnings = !have.exists, nil, nil, nil
	t.comparePartitions(have)
	if have.exists && t.shape.minInSync() > have.replicas {
		c.Err = fmt.Errorf("%s is to be %d, and the topic has %d replicas; brokers before Kafka 3.7 would take no events; give it more with kafka-reassign-partitions, or lower the setting", configMinReplica, t.shape.minInSync(), have.replicas)
		return
	}
	wanted := t.shape.configs()
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		t.compareConfig(name, wanted[name], have, overwrite)
	}
}

func (t *target) comparePartitions(have state) {
	c, s := &t.change, t.shape
	if !have.exists {
		c.Changes = append(c.Changes, SettingChange{Name: "partitions", Want: strconv.Itoa(s.Partitions)})
		if s.ReplicationFactor > 0 {
			c.Changes = append(c.Changes, SettingChange{Name: "replication.factor", Want: strconv.Itoa(s.ReplicationFactor)})
		}
		return
	}
	difference := SettingChange{Name: "partitions", Have: strconv.Itoa(have.partitions), Want: strconv.Itoa(s.Partitions)}
	switch {
	case have.partitions > s.Partitions:
		difference.Reason = "partitions cannot be taken away"
		c.Kept = append(c.Kept, difference)
	case have.partitions < s.Partitions:
		c.Changes = append(c.Changes, difference)
		c.Warnings = append(c.Warnings, "most keys go to another partition from then on; events of one key that come before and after may be read out of order")
	}
	if s.ReplicationFactor > 0 && have.replicas != s.ReplicationFactor {
		c.Kept = append(c.Kept, SettingChange{
			Name: "replication.factor", Have: strconv.Itoa(have.replicas), Want: strconv.Itoa(s.ReplicationFactor),
			Reason: "replicas are moved with kafka-reassign-partitions, by a person who knows what the brokers can bear",
		})
	}
}

func (t *target) compareConfig(name, want string, have state, overwrite bool) {
	c := &t.change
	difference := SettingChange{Name: name, Have: have.configs[name].value, Want: want}
	if difference.Have != "" && sameValue(name, difference.Have, want) {
		return
	}
	switch {
	case !have.exists, overwrite:
	case isHigher(name, difference.Have, want):
		difference.Reason = "it is higher, and Kafka could delete or refuse events; ask for it with overwrite"
	case have.configs[name].own && !slices.Contains(risen, name):
		difference.Reason = "somebody has set it on the topic; ask for it with overwrite"
	}
	if difference.Reason != "" {
		c.Kept = append(c.Kept, difference)
		return
	}
	c.Changes = append(c.Changes, difference)
	switch {
	case !have.exists:
	case isHigher(name, difference.Have, want) && strings.HasPrefix(name, "retention."):
		c.Warnings = append(c.Warnings, fmt.Sprintf("Kafka deletes what is beyond the new %s at once", name))
	case name == configCleanup && hasPolicy(want, "compact") && !hasPolicy(difference.Have, "compact"):
		c.Warnings = append(c.Warnings, "compaction keeps the last event of each key only, of an operation its end")
	case name == configCleanup && hasPolicy(want, "delete") && !hasPolicy(difference.Have, "delete"):
		c.Warnings = append(c.Warnings, "Kafka deletes what is older than "+configRetention+" at once")
	}
}

// sameValue tells whether two values of a setting mean the same.
func sameValue(name, a, b string) bool {
	if name == configCleanup {
		return hasPolicy(a, "compact") == hasPolicy(b, "compact") && hasPolicy(a, "delete") == hasPolicy(b, "delete")
	}
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	if errX == nil && errY == nil {
		return x == y
	}
	return strings.EqualFold(a, b)
}

func hasPolicy(list, policy string) bool {
	return slices.ContainsFunc(strings.Split(list, ","), func(p string) bool { return strings.TrimSpace(p) == policy })
}

// isHigher tells whether have keeps or takes more than want. -1 is no limit.
func isHigher(name, have, want string) bool {
	h, errH := strconv.ParseInt(have, 10, 64)
	w, errW := strconv.ParseInt(want, 10, 64)
	if errH != nil || errW != nil || !slices.Contains(risen, name) || w == -1 {
		return false
	}
	return h == -1 || h > w
}
