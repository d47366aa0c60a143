// Package contract reads what an ONEX contract.yaml says of a node: which events
// it publishes, and so which operations it has. It imports a YAML library and
// annotate's diagnostics.
package contract
