package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/google/uuid"
)

// bills is the effect that must happen once: a file in which each line is a bill, and
// begins with the id of the event that it is for. So the effect and the note of it are
// written as one, and who is killed has written both or neither. A program with a
// database does both in one transaction.
type bills struct {
	file   *os.File
	billed map[uuid.UUID]bool
}

func openBills(path string) (*bills, error) {
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	b := &bills{billed: map[uuid.UUID]bool{}}
	whole := text[:bytes.LastIndexByte(text, '\n')+1] // what is behind that was not written to its end
	for line := range bytes.Lines(whole) {
		id, _, _ := bytes.Cut(line, []byte(" "))
		event, err := uuid.ParseBytes(id)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		b.billed[event] = true
	}
	if b.file, err = os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600); err != nil {
		return nil, err
	}
	return b, b.file.Truncate(int64(len(whole)))
}

// add writes a bill for an event.
func (b *bills) add(event uuid.UUID, text string) error {
	if _, err := fmt.Fprintf(b.file, "%s %s\n", event, text); err != nil {
		return err
	}
	b.billed[event] = true
	return b.file.Sync()
}

// Handled tells whether the event has its bill.
func (b *bills) Handled(_ context.Context, event uuid.UUID) (bool, error) {
	return b.billed[event], nil
}

// Done has nothing to do: add has written the note with its effect.
func (b *bills) Done(context.Context, uuid.UUID) error { return nil }

func (b *bills) Close() error { return b.file.Close() }
