package command

import (
	"strings"

	"github.com/google/uuid"
)

// FewestDigits are enough of an id to name it.
const FewestDigits = 4

// IDDigits returns the hex digits of an id, or of what an id begins with.
func IDDigits(text string) (string, bool) {
	if id, err := uuid.Parse(text); err == nil {
		text = id.String()
	}
	digits := strings.ToLower(strings.ReplaceAll(text, "-", ""))
	isHex := strings.Trim(digits, "0123456789abcdef") == ""
	return digits, isHex && len(digits) >= FewestDigits && len(digits) <= 32
}

// BeginsWith tells whether these are the first digits of an id.
func BeginsWith(id uuid.UUID, digits string) bool {
	return strings.HasPrefix(strings.ReplaceAll(id.String(), "-", ""), digits)
}

// Short returns the first digits of an id.
func Short(id uuid.UUID) string {
	if id == uuid.Nil {
		return "-"
	}
	return id.String()[:8]
}
