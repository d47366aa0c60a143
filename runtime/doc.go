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
// bounded queue; everything that may have to wait happens behind it:
//
//	node ──▶ Node, Operation ──▶ envelope ──▶ intake ──▶ dispatcher ──▶ client ──▶ Kafka
//	                                            ▲                         │
//	                                            ├───────── promise ◀──────┤
//	                                            └── reporter ◀── promise ─┘
//
// What the intake has accepted is in flight until the client's promise settles
// it in the ledger: as delivered at once, or as lost after the reporter has
// told the log and Config.OnLoss of it. See [Ledger].
//
// [Node], [Operation] and the functions that take them are for generated code.
// The package imports envelope, franz-go and google/uuid.
package onex
