import io.cloudevents.CloudEvent;
import io.cloudevents.kafka.CloudEventDeserializer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Reads topics from their beginning to their end with the CloudEvents SDK for Java, and prints
 * each event as a line of JSON:
 *
 *     java -cp 'jars/*' Read.java BOOTSTRAP TOPIC…
 */
class Read {
    public static void main(String[] args) {
        Map<String, Object> config = Map.of("bootstrap.servers", args[0]);
        try (var consumer = new KafkaConsumer<>(config, new StringDeserializer(), new CloudEventDeserializer())) {
            List<TopicPartition> partitions = new ArrayList<>();
            for (String topic : List.of(args).subList(1, args.length)) {
                for (PartitionInfo p : consumer.partitionsFor(topic)) {
                    partitions.add(new TopicPartition(topic, p.partition()));
                }
            }
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long due = consumer.endOffsets(partitions).values().stream().mapToLong(Long::longValue).sum();
            while (due > 0) {
                for (ConsumerRecord<String, CloudEvent> record : consumer.poll(Duration.ofSeconds(1))) {
                    System.out.println(line(record.value()));
                    due--;
                }
            }
        }
    }

    static String line(CloudEvent e) {
        return "{\"id\":" + quote(e.getId()) + ",\"type\":" + quote(e.getType()) + ",\"source\":" + quote(e.getSource().toString())
            + ",\"time\":" + ChronoUnit.MICROS.between(Instant.EPOCH, e.getTime()) + ",\"datacontenttype\":" + quote(e.getDataContentType())
            + ",\"partitionkey\":" + quote(String.valueOf(e.getExtension("partitionkey")))
            + ",\"data\":" + new String(e.getData().toBytes(), StandardCharsets.UTF_8) + "}";
    }

    static String quote(String s) {
        return "\"" + s.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
