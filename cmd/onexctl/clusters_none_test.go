//go:build !kafka

package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// withClusters does nothing: these tests need no Kafka.
func withClusters(m *testing.M) testscript.TestingM { return m }
