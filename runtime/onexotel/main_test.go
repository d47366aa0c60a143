//go:build !kafka

package onexotel_test

import "testing"

func mainOf(m *testing.M) int { return m.Run() }
