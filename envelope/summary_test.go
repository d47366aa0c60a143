package envelope

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

type (
	level       int
	label       string
	small       uint8
	inner       struct{ Deep string }
	page[T any] struct{ Items []T }
	loop        *loop
)

func TestSummaryUsesTheReferencesVocabulary(t *testing.T) {
	type named struct{ X int }
	self := new(loop)
	*self = self
	var noError error
	for _, tt := range []struct {
		value any
		want  string
	}{
		{"s", "str"},
		{label("s"), "str"},
		{json.Number("1"), "str"},
		{1, "int"},
		{uint8(1), "int"},
		{level(1), "int"},
		{'r', "int"},
		{uintptr(1), "int"},
		{time.March, "int"},
		{1.5, "float"},
		{float32(1), "float"},
		{true, "bool"},
		{complex(1, 2), "complex"},
		{[]byte("x"), "bytes"},
		{json.RawMessage("{}"), "bytes"},
		{[]string{}, "list"},
		{[2]int{}, "list"},
		{[4]byte{}, "list"},
		{[]string(nil), "list"},
		{[]small{}, "list"},
		{map[string]int{}, "dict"},
		{map[int]int{}, "dict"},
		{map[string]int(nil), "dict"},
		{struct{ A int }{}, "dict"},
		{nil, "NoneType"},
		{(*int)(nil), "NoneType"},
		{(*named)(nil), "NoneType"},
		{&noError, "NoneType"},
		{self, "NoneType"},
		{time.Now(), "datetime"},
		{time.Second, "timedelta"},
		{uuid.New(), "UUID"},
		{new(time.Now()), "datetime"},
		{named{}, "named"},
		{&named{}, "named"},
		{new(new(named)), "named"},
		{page[named]{}, "page"},
		{&bytes.Buffer{}, "Buffer"},
		{errors.New("e"), "errorString"},
		{func() {}, "func"},
		{make(chan int), "chan"},
	} {
		got := Summarize(map[string]any{"k": tt.value})
		if len(got) != 1 || got[0].Type != tt.want {
			t.Errorf("%T is named %v, want %s", tt.value, got, tt.want)
		}
	}
}

func TestSummaryOfWhatHasNoKeys(t *testing.T) {
	for _, v := range []any{nil, "text", 7, []int{1}, (*inner)(nil), map[int]string{1: "a"}, time.Now(), uuid.New()} {
		if got := Summarize(v); len(got) != 0 {
			t.Errorf("%T has keys: %v", v, got)
		}
	}
}

func TestSummaryOfMapsIsSorted(t *testing.T) {
	got := Summarize(map[any]any{"b": 1, label("a"): "x", 3: 4, "a": "y"})
	if want := (Summary{{"a", "str"}, {"b", "int"}}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

type embeddedPointer struct{ FromPointer int }

// Shapes for which encoding/json has rules of its own.
//
//lint:file-ignore SA5008 odd tags are among them
type (
	plain struct {
		Name  string
		Count int `json:"n"`
		Skip  int `json:"-"`
		Dash  int `json:"-,"`
		Bad   int `json:"a\"b"`
		small int
		Empty string `json:",omitempty"`
		Zero  int    `json:"zero,omitzero"`
	}
	embeds struct {
		inner
		*embeddedPointer
		page[int]
		label
		level `json:"tagged"`
		Label label
		time.Time
	}
	Exported    string
	embedsBasic struct {
		Exported
		*Exported2
	}
	Exported2 struct{ A, B int }
	left      struct{ Same, Left int }
	right     struct{ Same, Right int }
	clash     struct {
		left
		right
	}
	tagWins struct {
		left
		Other struct{ Same int } `json:"Same"`
	}
	leftTagged struct {
		Other int `json:"Same"`
	}
	tagWinsAtOneDepth struct {
		left
		leftTagged
	}
	diamondBase struct{ Base int }
	diamondA    struct{ diamondBase }
	diamondB    struct{ diamondBase }
	diamond     struct {
		diamondA
		diamondB
	}
	twiceBase  struct{ ID int }
	twiceInner struct{ twiceBase }
	twiceA     struct{ twiceInner }
	twiceB     struct{ twiceInner }
	twice      struct {
		twiceA
		twiceB
		Name string
	}
	recursive struct {
		*recursive
		Own int
	}
	named2 struct {
		inner `json:"in"`
	}
)

// encoding/json itself says which keys a struct has, and in which order.
func TestSummaryKeysAreThoseOfEncodingJSON(t *testing.T) {
	for _, v := range []any{
		plain{Empty: "x", Zero: 1, small: 1},
		embeds{embeddedPointer: &embeddedPointer{}},
		embeds{},
		embedsBasic{Exported2: &Exported2{}},
		embedsBasic{},
		clash{},
		tagWins{},
		tagWinsAtOneDepth{},
		diamond{},
		twice{},
		recursive{recursive: &recursive{}},
		named2{},
		&plain{Empty: "x", Zero: 1},
		struct{}{},
		struct{ A, B any }{},
	} {
		var keys []string
		for _, f := range Summarize(v) {
			keys = append(keys, f.Key)
		}
		if want := jsonKeys(t, v); !reflect.DeepEqual(keys, want) {
			t.Errorf("%T: keys %q, encoding/json has %q", v, keys, want)
		}
	}
}

func jsonKeys(t *testing.T, v any) (keys []string) {
	t.Helper()
	if _, ok := v.(embeds); ok {
		// time.Time's MarshalJSON would take over; it has no fields to write.
		type withoutTime struct {
			inner
			*embeddedPointer
			page[int]
			label
			level `json:"tagged"`
			Label label
		}
		e := v.(embeds)
		v = withoutTime{e.inner, e.embeddedPointer, e.page, e.label, e.level, e.Label}
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	r, err := readObject(b, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range r.members {
		keys = append(keys, m.name)
	}
	return keys
}

// Of too many keys those stay that come first, and the last one says how many do not,
// in whatever order the map gives them.
func TestSummaryOfTooManyKeys(t *testing.T) {
	const n = 3 * MaxSummaryKeys
	many, typed := map[string]any{SummaryCut: 1}, map[label]int{SummaryCut: 1}
	for i := range n {
		many[fmt.Sprintf("k%05d", i)], typed[label(fmt.Sprintf("k%05d", i))] = i, i
	}
	long := map[string]any{strings.Repeat("x", maxSummaryKey+1): 1, "b": 1, "a": ""}
	escaped := map[string]any{}
	for i := range 100 {
		escaped[strings.Repeat("\x01", 900)+fmt.Sprint(i)] = 1
	}
	for name, tt := range map[string]struct {
		value       any
		limit       int
		keys        int
		first, last string
		more        string
	}{
		"many":       {many, MaxSummaryBytes, MaxSummaryKeys, "k00000", "k00998", "2002 more"},
		"typed":      {typed, MaxSummaryBytes, MaxSummaryKeys, "k00000", "k00998", "2002 more"},
		"few bytes":  {many, 200, 13, "k00000", "k00011", "2989 more"},
		"no room":    {many, 0, 1, "", "", "3001 more"},
		"a long key": {long, MaxSummaryBytes, 3, "a", "b", "1 more"},
		"escaped":    {escaped, MaxSummaryBytes, 13, "", "", "88 more"},
	} {
		b := AppendSummaryWithin(nil, tt.value, tt.limit)
		var got map[string]string
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatal(err)
		}
		more := got[SummaryCut]
		delete(got, SummaryCut)
		keys := slices.Sorted(maps.Keys(got))
		if more != tt.more || len(keys)+1 != tt.keys {
			t.Errorf("%s: %d keys and %q, want %d and %q", name, len(keys)+1, more, tt.keys, tt.more)
		}
		if tt.first != "" && (keys[0] != tt.first || keys[len(keys)-1] != tt.last) {
			t.Errorf("%s: from %s to %s, want %s to %s", name, keys[0], keys[len(keys)-1], tt.first, tt.last)
		}
		if len(b) > tt.limit+30 {
			t.Errorf("%s: %d bytes, want %d", name, len(b), tt.limit)
		}
		if !bytes.Equal(b, AppendSummaryWithin(nil, tt.value, tt.limit)) {
			t.Errorf("%s is another one each time", name)
		}
	}
	exactly := map[string]any{}
	for i := range MaxSummaryKeys {
		exactly[fmt.Sprint(i)] = i
	}
	if s := Summarize(exactly); len(s) != MaxSummaryKeys || slices.ContainsFunc(s, func(f SummaryField) bool { return f.Key == SummaryCut }) {
		t.Errorf("%d keys", len(s))
	}
}
