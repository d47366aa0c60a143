package cluster

import (
	"context"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// Metadata asks for the brokers, and for topics by name. Brokers tell with them what
// the user may do.
func Metadata(ctx context.Context, broker kmsg.Requestor, topics []string) (*kmsg.MetadataResponse, error) {
	req := kmsg.NewPtrMetadataRequest()
	req.AllowAutoTopicCreation = false
	req.IncludeTopicAuthorizedOperations = true
	req.Topics = []kmsg.MetadataRequestTopic{} // and not all
	for _, name := range topics {
		topic := kmsg.NewMetadataRequestTopic()
		topic.Topic = &name
		req.Topics = append(req.Topics, topic)
	}
	return req.RequestWith(ctx, broker)
}
