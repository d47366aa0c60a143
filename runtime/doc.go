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
// An event is checked and encoded on the caller's goroutine and handed to a
// bounded intake; everything that may have to wait happens behind it:
//
//	node ──▶ Node, Operation ──▶ envelope ──▶ intake ──▶ dispatcher ──▶ producer ──▶ Kafka
//	                                                      │    ▲           │
//	                                              spooler ◀────┤           │
//	                                                 │         └───────────┘ what came back
//	                                                 ▼
//	                                               Spool        reporter ──▶ log, OnLoss
//
// The intake has the ledger and, for each topic, a lane. The dispatcher, one
// goroutine that waits for nothing, takes the lanes forward: to the producer,
// which has the Kafka client, one group of events at a time; or to the spooler,
// which alone waits for the disk. What comes back from the client is sent again,
// dead-lettered or kept, by the verdict on its error. The reporter alone waits
// for the program's own code. Each event is in one place of the [Ledger] at
// every moment. The monitor watches the clients, and knows the [Health].
//
// [Node], [Operation] and the functions that take them are for generated code.
// The package imports envelope, franz-go and google/uuid.
package onex
