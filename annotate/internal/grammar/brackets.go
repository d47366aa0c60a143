package grammar

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Closing returns where the parenthesis is closed that opens in front of s.
// SplitWords has seen to it that the brackets are balanced.
func Closing(s string) int {
	end := 0
	walkTop(s, func(i int, c byte) bool {
		end = i
		return c != ')'
	})
	return end
}

// SplitTypes splits s at the commas outside of brackets.
func SplitTypes(s string) []string {
	var parts []string
	start := 0
	walkTop(s, func(i int, c byte) bool {
		if c == ',' {
			parts = append(parts, s[start:i])
			start = i + 1
		}
		return true
	})
	return append(parts, s[start:])
}

// walkTop calls visit for the bytes of s that no bracket and no quote in s
// encloses, closing brackets of the outside included, until it returns false.
func walkTop(s string, visit func(i int, c byte) bool) {
	depth := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if depth == 0 && !visit(i, c) {
			return
		}
		switch c {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		case '"', '`', '\'':
			i += max(1, len(quotedPrefix(s[i:]))) - 1
		}
	}
}

// quotedPrefix returns the quoted text that s begins with, "" if it does not end:
// one of Go's, or what somebody takes for one.
func quotedPrefix(s string) string {
	if quoted, err := strconv.QuotedPrefix(s); err == nil {
		return quoted
	}
	quote, size := utf8.DecodeRuneInString(s)
	_, behind, found := strings.Cut(s[size:], closesQuote(quote))
	if !found {
		return ""
	}
	return s[:len(s)-len(behind)]
}
