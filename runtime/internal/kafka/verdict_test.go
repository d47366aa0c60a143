package kafka

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/omninode-ai/onexevents/runtime/internal/delivery"
)

// allCodes are all that kerr knows.
func allCodes(t *testing.T) (codes []*kerr.Error) {
	t.Helper()
	for code := int16(-1); code < 1000; code++ {
		e := kerr.TypedErrorForCode(code)
		if e == nil || e == kerr.UnknownServerError && code != -1 {
			continue
		}
		codes = append(codes, e)
	}
	if len(codes) < 137 {
		t.Fatalf("%d codes", len(codes))
	}
	return codes
}

// Each code is in the table once. Only three are a record's own fault, and only
// when a record was produced. Of a producer id, the table says what kgo does.
func TestTable(t *testing.T) {
	rows := map[*kerr.Error]int{}
	for _, row := range verdicts {
		for _, code := range row.codes {
			rows[code]++
		}
	}
	own := map[*kerr.Error]bool{kerr.MessageTooLarge: true, kerr.RecordListTooLarge: true, kerr.InvalidRecord: true}
	for _, code := range allCodes(t) {
		if rows[code] != 1 {
			t.Errorf("%s is in %d rows of the table; think about whose fault it is", code.Message, rows[code])
		}
		for at := Metadata; at <= Letter; at++ {
			v := Judge(at, fmt.Errorf("wrapped: %w", code))
			if (v == delivery.RecordFault) != (own[code] && at >= Produce) {
				t.Errorf("%s at place %d: %v", code.Message, at, v)
			}
			if v == delivery.Delivered || v == delivery.Again {
				t.Errorf("%s at place %d: %v", code.Message, at, v)
			}
		}
		mends := kerr.IsRetriable(code) || code == kerr.ConcurrentTransactions
		if v := Judge(ProducerID, code); mends != (v == delivery.SenderFault) || !mends != (v == delivery.ClientFault) {
			t.Errorf("%s for a producer id: %v, and kgo asks again: %t", code.Message, v, mends)
		}
	}
}

// What is no answer of a broker's costs neither record nor client.
func TestJudgeOthers(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want delivery.Verdict
	}{
		{nil, delivery.Delivered},
		{kgo.ErrClientClosed, delivery.Again},
		{fmt.Errorf("produce: %w", kgo.ErrMaxBuffered), delivery.Again},
		{kgo.ErrAborting, delivery.Again},
		{kgo.ErrRecordTimeout, delivery.SenderFault},
		{context.Canceled, delivery.SenderFault},
		{errors.New("unable to partition record due to no usable partitions"), delivery.SenderFault},
		{&kerr.Error{Message: "OF_TOMORROW", Code: 999}, delivery.TopicFault},
	} {
		if got := Judge(Produce, tt.err); got != tt.want {
			t.Errorf("%v: %v, want %v", tt.err, got, tt.want)
		}
	}
	if got := Judge(Letter, &kerr.Error{Message: "OF_TOMORROW", Code: 999}); got != delivery.SenderFault {
		t.Errorf("a dead letter with an unknown error: %v", got)
	}
}

// Each code, at each place, for 3 s: either kgo repeats by itself, or what comes
// back is judged by the place. Another topic flows meanwhile, and the record
// arrives after that.
func TestCodesAtPlaces(t *testing.T) {
	for _, code := range allCodes(t) {
		for name, tt := range map[string]struct {
			at      Place
			letter  bool
			known   bool
			key     kmsg.Key
			overall bool
		}{
			"metadata of a known topic": {at: Metadata, known: true, key: kmsg.Metadata},
			"metadata of a new topic":   {at: Metadata, key: kmsg.Metadata},
			"producer id":               {at: ProducerID, key: kmsg.InitProducerID, overall: true},
			"produce":                   {at: Produce, known: true, key: kmsg.Produce},
			"dead letter":               {at: Letter, letter: true, known: true, key: kmsg.Produce},
		} {
			t.Run(code.Message+"/"+name, func(t *testing.T) {
				inBubble(t, func(b *bench) {
					b.start(kgo.MetadataMaxAge(time.Second))
					if !tt.overall {
						b.send("u", "0")
						b.delivered(1)
					}
					if tt.known {
						b.send("t", "0")
						b.delivered(1)
					}
					f := kfake.Fault{Keys: []kmsg.Key{tt.key}, Err: code, TopLevel: tt.overall}
					if !tt.overall {
						f.Topic = "t"
					}
					fault := b.fault(f)
					time.Sleep(1500 * time.Millisecond) // known metadata are asked for anew
					g := b.group("t", "1")
					g.Letter = tt.letter
					b.client.Send(g)
					b.client.Flush()
					if !tt.overall {
						for i := range 3 {
							b.send("u", fmt.Sprint(i))
							time.Sleep(500 * time.Millisecond)
						}
					} else {
						time.Sleep(1500 * time.Millisecond)
					}
					fault.Remove()
					time.Sleep(time.Minute)
					b.mu.Lock()
					answers := b.answers
					b.answers = nil
					b.mu.Unlock()
					others := 0
					var mine []answer
					for _, a := range answers {
						if a.topic == "u" && a.v == delivery.Delivered {
							others++
						} else {
							mine = append(mine, a)
						}
					}
					if others != 3 && !tt.overall {
						t.Errorf("%d of 3 arrived in the other topic: %v", others, answers)
					}
					if len(mine) != 1 {
						t.Fatalf("answers %v", mine)
					}
					want := Judge(tt.at, code)
					if a := mine[0]; a.v != delivery.Delivered && a.v != want {
						t.Errorf("%+v, want %v", a, want)
					}
					if a := mine[0]; a.v != delivery.Delivered {
						b.client.Forget(t.Context(), "t")
						b.send("t", "1")
						if a := b.wait(1)[0]; a.v == delivery.ClientFault && MadeAnew(mine[0].err) {
							if err := b.client.Renew(t.Context()); err != nil {
								t.Fatal(err)
							}
							b.send("t", "1")
							b.delivered(1)
						} else if a.v != delivery.Delivered {
							t.Errorf("%+v", a)
						}
					}
					if got := b.log("t"); code != kerr.DuplicateSequenceNumber && !slices.Contains(got, "1") { // by which a broker says that it has it
						t.Errorf("it is delivered, and the topic has %v", got)
					}
				})
			})
		}
	}
}
