package mask

import "strings"

// inKey is what the lines of a key are made of.
var inKey = setOf(lowers + uppers + digits + "+/=")

// pem notes the key of a block whose first or last line has its dashes from i
// to a, and returns where to go on.
func (m *scanner) pem(i, a int) int {
	s := m.s
	p := m.skip(a, " ")
	begins, ends := strings.HasPrefix(s[p:], "BEGIN "), strings.HasPrefix(s[p:], "END ")
	if !begins && !ends {
		return a
	}
	label := p
	for label < len(s) && label < p+80 && s[label] != '-' && s[label] != '\n' {
		label++
	}
	if name := s[p:label]; !strings.Contains(name, "KEY") && !strings.Contains(name, "SECRET") || strings.Contains(name, "PUBLIC") {
		return label
	}
	from := label
	for from < len(s) && s[from] == '-' {
		from++
	}
	if ends {
		m.keyBefore(i)
		return from
	}
	if m.lastEnd == 0 {
		m.lastEnd = strings.LastIndex(s, "-END ") + 1
		m.lastEnd = max(m.lastEnd, strings.LastIndex(s, "- END ")+1, 1)
	}
	cut := true
	to := len(s)
	if from < m.lastEnd {
		to, cut = from+strings.Index(s[from:], "END "), false
		for to > from && (s[to-1] == '-' || s[to-1] == ' ') {
			to--
		}
	}
	if _, after := m.lineBreak(from); after == from && runOf(s[m.skip(from, " "):], "+/=") < 16 && cut {
		return from // a sentence about such a line
	}
	return max(m.addKey(from, to), from)
}

// lineBreak returns where white space ends that begins at i, escaped or not, and
// where its last line break does; i if there is none.
func (m *scanner) lineBreak(i int) (end, line int) {
	end, line = i, i
	for end < len(m.s) {
		switch {
		case m.s[end] == '\n' || m.s[end] == '\r':
			end++
			line = end
		case blank[m.s[end]]:
			end++
		case strings.HasPrefix(m.s[end:], `\n`) || strings.HasPrefix(m.s[end:], `\r`):
			end += 2
			line = end
		case strings.HasPrefix(m.s[end:], `\\n`):
			end += 3
			line = end
		default:
			return end, line
		}
	}
	return end, line
}

// addKey notes the text of a key, without the white space around it, and returns
// its end.
func (m *scanner) addKey(from, to int) int {
	from, _ = m.lineBreak(from)
	for to > from {
		if blank[m.s[to-1]] {
			to--
		} else if to-2 >= from && m.s[to-2] == '\\' && (m.s[to-1] == 'n' || m.s[to-1] == 'r') {
			to -= 2
		} else {
			break
		}
	}
	if from >= to || strings.HasPrefix(m.s[from:to], Hidden) {
		return from
	}
	m.add(from, to)
	return to
}

// keyBefore notes the lines of a key that ends at i, and whose beginning is cut
// off.
func (m *scanner) keyBefore(i int) {
	s := m.s
	from := i
	for {
		to := from
		for to > m.end() && (blank[s[to-1]] || to-2 >= m.end() && s[to-2] == '\\' && s[to-1] == 'n') {
			if to--; !blank[s[to]] {
				to--
			}
		}
		line := to
		for line > m.end() && inKey[s[line-1]] && !(line-2 >= m.end() && s[line-2] == '\\' && s[line-1] == 'n') {
			line--
		}
		if text := s[line:to]; len(text) < 16 && !(from < i && mixed(text)) || !varied(text) {
			break
		}
		from = line
	}
	if from < i {
		m.addKey(from, i)
	}
}

// lines notes the lines of a PuTTY key behind the number of them at p.
func (m *scanner) lines(p int) int {
	from := p
	for from < len(m.s) && digit[m.s[from]] {
		from++
	}
	to, line := m.lineBreak(from)
	if line == from {
		return 0
	}
	from = to
	for {
		end := to
		for end < len(m.s) && inKey[m.s[end]] {
			end++
		}
		next, line := m.lineBreak(end)
		if end == to || line == end && end < len(m.s) {
			break
		}
		to = end
		if next == end {
			break
		}
		to = next
	}
	return m.addKey(from, to)
}
