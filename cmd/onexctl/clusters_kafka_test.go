//go:build kafka

package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	kafkacluster "github.com/omninode-ai/onexevents/testdata/kafka"
)

// withClusters ends the clusters that tests have started.
func withClusters(m *testing.M) testscript.TestingM { return clusters{m} }

type clusters struct{ m *testing.M }

func (c clusters) Run() int { return kafkacluster.Main(c.m) }
