package onex_test

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// endOf returns how many records a topic has, 0 if there is no such topic.
func endOf(t testing.TB, client *kgo.Client, topic string) (n int64) {
	t.Helper()
	ctx := testContext(t)
	meta := kmsg.NewPtrMetadataRequest()
	meta.Topics = []kmsg.MetadataRequestTopic{{Topic: kmsg.StringPtr(topic)}}
	answer, err := meta.RequestWith(ctx, client)
	if err != nil {
		t.Fatal(err)
	}
	req := kmsg.NewPtrListOffsetsRequest()
	req.ReplicaID = -1
	topicReq := kmsg.NewListOffsetsRequestTopic()
	topicReq.Topic = topic
	for _, at := range answer.Topics {
		if at.ErrorCode == kerr.UnknownTopicOrPartition.Code {
			return 0
		}
		for _, p := range at.Partitions {
			part := kmsg.NewListOffsetsRequestTopicPartition()
			part.Partition, part.Timestamp = p.Partition, -1
			topicReq.Partitions = append(topicReq.Partitions, part)
		}
	}
	req.Topics = append(req.Topics, topicReq)
	for _, shard := range client.RequestSharded(ctx, req) {
		if shard.Err != nil {
			t.Fatal(shard.Err)
		}
		for _, at := range shard.Resp.(*kmsg.ListOffsetsResponse).Topics {
			for _, p := range at.Partitions {
				if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
					t.Fatal(err)
				}
				n += p.Offset
			}
		}
	}
	return n
}
