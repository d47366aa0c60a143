//go:build require

package main

// This file is never compiled; the go command only reads its imports. Where a
// module gets onexevents as a tool, its go.mod then also lists what generated
// code, the spool and the folders beside it import, and the embedded broker for
// trying it out, so that the module builds without go mod tidy in between.
import (
	_ "github.com/twmb/franz-go/pkg/kfake"

	_ "github.com/omninode-ai/onexevents/runtime/spool"
)
