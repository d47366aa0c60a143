package main

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// mix says what a fleet does, as a flag: run, state and metric are weights, the
// others shares from 0 to 1.
type mix struct {
	run, state, metric float64
	failed             float64 // of the runs
	nested             float64 // of the runs, those that have another node run something
	metadata           float64 // of the states and metrics
}

var defaultMix = mix{run: 6, state: 1, metric: 3, failed: 0.05, nested: 0.3, metadata: 0.1}

func (m *mix) fields() []mixField {
	return []mixField{
		{"run", &m.run, 1e6},
		{"state", &m.state, 1e6},
		{"metric", &m.metric, 1e6},
		{"failed", &m.failed, 1},
		{"nested", &m.nested, 0.9}, // more, and a run would hardly end
		{"metadata", &m.metadata, 1},
	}
}

type mixField struct {
	name  string
	value *float64
	limit float64
}

// String returns all of the mix, as Set takes it.
func (m *mix) String() string {
	var words []string
	for _, f := range m.fields() {
		words = append(words, f.name+"="+strconv.FormatFloat(*f.value, 'g', -1, 64))
	}
	return strings.Join(words, ",")
}

// Set changes what it names, such as "run=1,metric=0".
func (m *mix) Set(text string) error {
	for word := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(word, "=")
		if err := m.set(name, value); err != nil {
			return err
		}
	}
	if m.run+m.state+m.metric == 0 {
		return fmt.Errorf("nothing would be published; leave one of run, state and metric above 0")
	}
	return nil
}

func (m *mix) set(name, value string) error {
	for _, f := range m.fields() {
		if f.name != name {
			continue
		}
		v, err := strconv.ParseFloat(value, 64)
		if err != nil || !(v >= 0 && v <= f.limit) {
			return fmt.Errorf("%s is %q; it is a number from 0 to %g", name, value, f.limit)
		}
		*f.value = v
		return nil
	}
	return fmt.Errorf("there is no %q; a mix has run, state, metric, failed, nested and metadata, each with = and a number", name)
}

// kind is what a node does next.
type kind int

const (
	kindRun kind = iota
	kindState
	kindMetric
)

func (m *mix) pick(r *rand.Rand) kind {
	switch n := r.Float64() * (m.run + m.state + m.metric); {
	case n < m.run:
		return kindRun
	case n < m.run+m.state:
		return kindState
	default:
		return kindMetric
	}
}

// is tells whether something happens that happens with such a share.
func is(r *rand.Rand, share float64) bool { return r.Float64() < share }
