package mask

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// view is a text as a reader understands it, and where its bytes come from.
type view struct {
	text string
	at   []int // where each byte begins in the original, and the original's end; nil if it is the original
}

func (v view) original(i int) int {
	if v.at == nil {
		return i
	}
	return v.at[i]
}

// alike are characters that stand for another one, or for none.
var alike = map[rune]string{
	'\u200b': "", '\u200c': "", '\u200d': "", '\u200e': "", '\u200f': "", '\u2060': "", '\ufeff': "", '\u00ad': "", '\u180e': "",
	'\u2061': "", '\u2062': "", '\u2063': "", '\u2064': "", '\ufe0f': "",
	'“': `"`, '”': `"`, '„': `"`, '«': `"`, '»': `"`, '‘': "'", '’': "'", '‚': "'",
	'\u00a0': " ", '\u2028': "\n", '\u2029': "\n",
	'ſ': "s", '\u212a': "k",
}

// likeOf returns what a character stands for, if that is another one.
func likeOf(r rune) (string, bool) {
	if r >= '！' && r <= '～' { // as wide as a Chinese character
		return string(r - '！' + '!'), true
	}
	if r >= '\u0300' && r <= '\u036f' { // put over or under the one before
		return "", true
	}
	as, ok := alike[r]
	return as, ok
}

// plainView is s without characters that cannot be seen, and with common ones in
// place of those that look like them.
func plainView(s string) view {
	ascii := 0
	for ascii < len(s) && s[ascii] < utf8.RuneSelf {
		ascii++
	}
	if ascii == len(s) {
		return view{text: s}
	}
	for _, r := range s[ascii:] {
		if _, ok := likeOf(r); ok {
			return rewritten(s, likeness)
		}
	}
	return view{text: s}
}

func likeness(s string) (string, int) {
	if s[0] < utf8.RuneSelf {
		return "", 0
	}
	r, n := utf8.DecodeRuneInString(s)
	if as, ok := likeOf(r); ok {
		return as, n
	}
	return "", 0
}

// decodedView is s without the escapes of URLs, JSON and HTML, if it has any.
func decodedView(s string) (view, bool) {
	if strings.IndexByte(s, '%') < 0 && strings.IndexByte(s, '&') < 0 && !strings.Contains(s, `\u`) {
		return view{}, false
	}
	for i := range len(s) {
		if _, n := escape(s[i:]); n > 0 {
			return rewritten(s, func(s string) (string, int) {
				if as, n := escape(s); n > 0 {
					return as, n
				}
				return likeness(s)
			}), true
		}
	}
	return view{}, false
}

var entities = map[string]string{
	"&quot;": `"`, "&#34;": `"`, "&#x22;": `"`, "&apos;": "'", "&#39;": "'", "&#x27;": "'", "&amp;": "&", "&#38;": "&", "&lt;": "<", "&gt;": ">", "&#61;": "=", "&#x3D;": "=", "&#58;": ":",
}

// escape returns what the escape at the beginning of s stands for, if that can
// be seen, and how long the escape is.
func escape(s string) (string, int) {
	switch {
	case s[0] == '%' && len(s) >= 5 && s[1] == '2' && s[2] == '5':
		if as, n := visible(s[3:5], 5); n > 0 { // it was encoded twice
			return as, n
		}
		return "%", 3
	case s[0] == '%' && len(s) >= 3:
		return visible(s[1:3], 3)
	case s[0] == '\\' && len(s) >= 6 && (s[1] == 'u' || s[1] == 'U') && s[2:4] == "00":
		return visible(s[4:6], 6)
	case s[0] == '&':
		for n := 4; n <= 6 && n <= len(s); n++ {
			if as, ok := entities[s[:n]]; ok {
				return as, n
			}
		}
	}
	return "", 0
}

func visible(hex string, n int) (string, int) {
	c, err := strconv.ParseUint(hex, 16, 8)
	if err != nil || c != '\n' && (c < ' ' || c >= 0x7f) {
		return "", 0
	}
	return string(rune(c)), n
}

// rewritten is s with what as returns in place of the bytes that it takes; it
// takes none from what stays.
func rewritten(s string, as func(string) (string, int)) view {
	text, at := make([]byte, 0, len(s)), make([]int, 0, len(s)+1)
	for i := 0; i < len(s); {
		other, n := as(s[i:])
		if n == 0 {
			text, at = append(text, s[i]), append(at, i)
			i++
			continue
		}
		for j := range len(other) {
			text, at = append(text, other[j]), append(at, i)
		}
		i += n
	}
	return view{string(text), append(at, len(s))}
}
