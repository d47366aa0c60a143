package onex

import "slices"

// Catalog lists the event types of a node (contract, section 2). The three
// lists are never nil in a generated catalog, so that its JSON has three lists.
type Catalog struct {
	// OperationLifecycle has started, completed and failed of each operation,
	// in the order of the directive.
	OperationLifecycle []string `json:"operation_lifecycle"`
	StateEvents        []string `json:"state_events"`
	MetricEvents       []string `json:"metric_events"`
}

// EventTypes returns all event types of the catalog in its order.
func (c Catalog) EventTypes() []string {
	return slices.Concat(c.OperationLifecycle, c.StateEvents, c.MetricEvents)
}
