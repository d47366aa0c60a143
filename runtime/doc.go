// Package onex publishes the events of a node's life to Kafka without ever
// hurting the operation that they report on, and without losing one silently.
//
// A program makes one publisher and gives it to the events that onexevents has
// generated for its nodes:
//
//	pub, err := onex.NewPublisher(onex.Config{Environment: "production"}, kgo.SeedBrokers("localhost:9092"))
//	events := NewStamperEvents(pub, "stamper-1")
//	result, err := events.RunStamp(ctx, request, stamper.stamp)
//	err = pub.Close(ctx)
//
// # The way of an event
//
// An event is checked and encoded on the caller's goroutine and accepted under one
// lock. What becomes of it then is decided by a machine that does nothing itself;
// around it a shell carries out what it says, and tells it how that went:
//
//	                     ┌────────── shell: one lock, one loop ──────────┐
//	node ──▶ encode ──▶ accept ──▶ delivery.Machine ──▶ what is to be done
//	                     │              ▲     │                          │
//	                     └──────────────┼─────┼──────────────────────────┘
//	                  how it went       │     ├──▶ kafka ──▶ Kafka, dead letters
//	                                    ├─────┼──▶ disk ───▶ Spool
//	                                    │     └──▶ reporter ──▶ log, OnLoss
//	                                    └── each answers
//	   kafka, disk ──▶ health ──▶ Health, OnHealth
//
// The machine (internal/delivery) keeps the order and the ledger, bounds what is in
// memory, and knows what waits for what. The client (internal/kafka) is given one
// group of a topic's events at a time, and says of each whose fault it is if it has
// not arrived. The disk is one goroutine that alone waits for the spool; the reporter
// alone waits for the program's own code, all of which is run by internal/guest, so
// that it hurts nobody else. Each event is in one place of the [Ledger]
// at every moment. What all of them see comes to one [Health] (internal/health).
//
// # Profiles
//
// [Config.Profile] says what goes over the wire:
//
//	                ProfileV1                                Profile2
//	envelope        OnexEnvelopeV1                           ModelEventEnvelope 2.1
//	for             omninode_bridge and what reads it        omnibase-core 0.46.8 and later
//	topic           {namespace}.{service}.{event type}.v1    onex.evt.{producer}.{event-name}.v1
//	namespace       default dev                              in front, if there is one
//	event_type      effect.stamp.started                     stamping.effect-stamp-started
//	headers         none                                     content_type, correlation_id, message_id, …
//	key             the partition key, else the correlation id, else the node's id
//	causation       causation_id                             the header parent_message_id, the tag causation_id
//	metrics         may have no correlation id               get one if they have none
//	dead letters    {topic}.dlq                              onex.dlq.{producer}.{event-name}.v1
//
// A producer is a service with - for _, and an event name an event type with - for
// . and _. Of the configuration, SourceService, SourceVersion, SourceInstance and
// Region have no place in Profile2, and TopicName and DeadLetterSuffix are refused
// there. So are nodes of the services commands and intents, whose events would be
// taken for something else, and of a second service that has the same producer.
//
// With [Config.CloudEvents] the events of both are CloudEvents too, by headers of theirs
// beside these.
//
// # What a program uses
//
//   - a publisher, from its beginning to its end: [Config], [QueueFullPolicy],
//     [ConfigFromEnv], [ConfigFrom], [NewPublisher], [Publisher]; and which bus it is for:
//     [Profile]
//   - for traces: Config.Headers, and Config.OnRun with [RunInfo]; both by OpenTelemetry:
//     package runtime/onexotel, a module of its own
//   - for one event, as an option of its publish method: [EventOption], [WithMetadata],
//     [WithCorrelationID], [WithCausationID], [WithPartitionKey], [Durable]
//   - for all that is published under a context: [ContextWith], [ContextWithCorrelation],
//     [CorrelationFromContext], [ContextWithDurable]; and below an event that was
//     received: [ContextWithEvent], [ReceivedEvent]; in the log: [LogHandler]; over
//     net/http: package runtime/onexhttp
//   - for two versions of an operation's events by one run: [Also]
//   - what has become of events: [Ledger], [Loss], [LossReason], [CloseError], [DeadLetter],
//     [DeadLetterHeaders]; and what a publish method answers, such as [ErrQueueFull]
//   - metrics: [Stats], [Latency]; for Prometheus, with alerts and a dashboard: package
//     runtime/onexprom, a module of its own
//   - whether they get to Kafka, and what to do about it if not: [Health], [Cause],
//     [CauseOf]
//   - secrets in error text: [MaskSecrets]
//   - topics, before there are events: [Publisher.EnsureTopics], [EnsureTopics],
//     [PlanTopics], and what package runtime/topics has under the names [TopicSettings],
//     [TopicShape], [TopicOverride], [TopicPlan], [TopicChange] and [SettingChange]
//   - which partition an event goes to: [BalancedPartitioner], [HashPartitioner]
//   - a spool of its own in place of runtime/spool: [Spool], [PagedSpool],
//     [RejectingSpool], [Spooled], [Backlog], [TopicBacklog]
//   - what a node can publish, as its generated file says: [Catalog]
//   - which events a node publishes, in a test without Kafka: package runtime/onextest
//   - the events of others: package runtime/receive
//
// # For generated code
//
// The rest is for generated code, and a program calls that instead: [GeneratedVersion1],
// [NodeSpec], [Node], [NewNode], [Operation], [NewOperation], [NewOperationVersion],
// [None], [Run], [RunNoResult], [RunNoInput], [RunBare], [StateChanged],
// [MetricRecorded].
//
// The package imports envelope, franz-go and google/uuid.
package onex
