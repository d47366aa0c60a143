// This program reads topics from their beginning to their end with the CloudEvents SDK
// for Go, and prints each event as a line of JSON:
//
//	go run . BOOTSTRAP TOPIC…
//
// It is a module of its own, so that nobody else needs the SDK.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/IBM/sarama"
	"github.com/cloudevents/sdk-go/protocol/kafka_sarama/v2"
	"github.com/cloudevents/sdk-go/v2/binding"
)

func main() {
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(bootstrap string, topics []string) error {
	config := sarama.NewConfig()
	config.Consumer.MaxWaitTime = 20 * time.Millisecond
	client, err := sarama.NewClient([]string{bootstrap}, config)
	if err != nil {
		return err
	}
	defer client.Close()
	consumer, err := sarama.NewConsumerFromClient(client)
	if err != nil {
		return err
	}
	defer consumer.Close()
	for _, topic := range topics {
		partitions, err := client.Partitions(topic)
		if err != nil {
			return err
		}
		for _, partition := range partitions {
			end, err := client.GetOffset(topic, partition, sarama.OffsetNewest)
			if err != nil {
				return err
			}
			if err := read(consumer, topic, partition, end); err != nil {
				return err
			}
		}
	}
	return nil
}

func read(consumer sarama.Consumer, topic string, partition int32, end int64) error {
	if end == 0 {
		return nil
	}
	reader, err := consumer.ConsumePartition(topic, partition, sarama.OffsetOldest)
	if err != nil {
		return err
	}
	defer reader.Close()
	for message := range reader.Messages() {
		event, err := binding.ToEvent(context.Background(), kafka_sarama.NewMessageFromConsumerMessage(message))
		if err != nil {
			return fmt.Errorf("%s, %d: %w", topic, message.Offset, err)
		}
		if err := event.Validate(); err != nil {
			return fmt.Errorf("%s, %d: %w", topic, message.Offset, err)
		}
		line, err := json.Marshal(map[string]any{
			"id": event.ID(), "type": event.Type(), "source": event.Source(), "time": event.Time().UnixMicro(),
			"datacontenttype": event.DataContentType(), "partitionkey": event.Extensions()["partitionkey"],
			"data": json.RawMessage(event.Data()),
		})
		if err != nil {
			return err
		}
		fmt.Println(string(line))
		if message.Offset == end-1 {
			break
		}
	}
	return nil
}
