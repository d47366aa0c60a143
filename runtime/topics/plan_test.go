package topics_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/omninode-ai/onexevents/runtime/topics"
)

// Of many topics with the same error one is named, and of many errors the first
// ones are told.
func TestPlanErr(t *testing.T) {
	var plan topics.Plan
	if plan.Err() != nil {
		t.Errorf("without topics: %v", plan.Err())
	}
	full := errors.New("the disk is full")
	for i := range 3 {
		plan.Topics = append(plan.Topics, topics.Change{Topic: fmt.Sprint("a", i), Err: full}, topics.Change{Topic: fmt.Sprint("b", i)})
	}
	if err := plan.Err(); err == nil || err.Error() != "topic a0 and 2 more: the disk is full" || !errors.Is(err, full) {
		t.Errorf("error %v", err)
	}
	for i := range 11 {
		plan.Topics = append(plan.Topics, topics.Change{Topic: fmt.Sprint("c", i), Err: fmt.Errorf("fault %d", i)})
	}
	err := plan.Err()
	if lines := strings.Split(err.Error(), "\n"); len(lines) != 11 || lines[1] != "topic c0: fault 0" || lines[10] != "and 2 other errors, which the plan has" {
		t.Errorf("error %v", err)
	}
	if create, change := plan.Pending(); create+change != 0 {
		t.Errorf("%d are to be made and %d to be changed", create, change)
	}
}
