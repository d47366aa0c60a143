package encode

import (
	"fmt"
	"reflect"
)

// StateName returns what a state is called: by its String method, or because
// it is a string.
func StateName[S any](state S) (string, error) {
	if s, ok := any(state).(string); ok {
		return s, nil
	}
	return namedState(state)
}

func namedState[S any](state S) (string, error) {
	if s, ok := any(state).(fmt.Stringer); ok {
		return s.String(), nil
	}
	if s, ok := any(&state).(fmt.Stringer); ok {
		return s.String(), nil
	}
	if v := reflect.ValueOf(state); v.Kind() == reflect.String {
		return v.String(), nil
	}
	return "", fmt.Errorf("a state of type %T has no name; make it a string type or give it a method String", state)
}
