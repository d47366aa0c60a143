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
// alone waits for the program's own code. Each event is in one place of the [Ledger]
// at every moment. What all of them see comes to one [Health] (internal/health).
//
// # For generated code
//
// [Node], [Operation], [None], [NodeSpec], [GeneratedVersion1] and the functions
// that take them are for generated code, which a program calls instead.
//
// The package imports envelope, franz-go and google/uuid.
package onex
