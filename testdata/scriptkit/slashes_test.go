package scriptkit

import "testing"

func TestSlashed(t *testing.T) {
	const work = `C:\temp\script-x`
	for _, c := range []struct{ text, want string }{
		{`b\c\b.go:3:1: "//onex\u00a0: operations" is no\thing`, `b/c/b.go:3:1: "//onex\u00a0: operations" is no\thing`},
		{`my node\a.go:4:6: x`, `my node/a.go:4:6: x`},
		{`..\old.json:8:15: gone`, `../old.json:8:15: gone`},
		{"# m\nvet.exe: .\\a.go:2:4: undefined: X\n", "# m\nvet.exe: ./a.go:2:4: undefined: X\n"},
		{`onexevents: docs\x.json: no`, `onexevents: docs/x.json: no`},
		{`m: packages one (a.go) and two (b.go) in C:\temp\script-x\two\b, and "\n"`, `m: packages one (a.go) and two (b.go) in C:\temp\script-x/two/b, and "\n"`},
		{`{"kind":"file","file":"C:\\temp\\script-x\\a\\b.go","diff":"a\n\\b"}`, `{"kind":"file","file":"C:\temp\script-x/a/b.go","diff":"a\n\\b"}`},
		{"+\tx\\y:\n", "+\tx\\y:\n"},
	} {
		if got := slashed(work, c.text); got != c.want {
			t.Errorf("slashed(%q) = %q, want %q", c.text, got, c.want)
		}
	}
}
