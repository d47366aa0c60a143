package guide_test

import (
	"flag"
	"fmt"
	"html"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the pictures anew")

// picture is an SVG that is drawn piece by piece, for light and dark pages.
type picture struct {
	b             strings.Builder
	width, height int
}

const style = `text{font:13px ui-sans-serif,system-ui,sans-serif;fill:#1f2328}.code{font:12px ui-monospace,monospace}.dim{fill:#59636e}.big{font-weight:600}
.box{fill:#f6f8fa;stroke:#818b98}.good{fill:#dafbe1;stroke:#1a7f37}.bad{fill:#ffebe9;stroke:#cf222e}.wait{fill:#fff8c5;stroke:#9a6700}.line{stroke:#59636e;fill:none}.head{fill:#59636e}
@media(prefers-color-scheme:dark){text{fill:#f0f6fc}.dim{fill:#9198a1}.box{fill:#151b23;stroke:#656c76}.good{fill:#12261e;stroke:#3fb950}.bad{fill:#25171c;stroke:#f85149}
.wait{fill:#272115;stroke:#d29922}.line{stroke:#9198a1}.head{fill:#9198a1}}`

func (p *picture) add(format string, args ...any) { fmt.Fprintf(&p.b, format+"\n", args...) }

func (p *picture) text(x, y int, class, text string) {
	p.add(`<text x="%d" y="%d" class="%s" xml:space="preserve">%s</text>`, x, y, class, html.EscapeString(text))
}

// box draws a box with lines of text, the first of them emphasized.
func (p *picture) box(x, y, width int, class string, lines ...string) {
	p.add(`<rect x="%d" y="%d" width="%d" height="%d" rx="6" class="%s"/>`, x, y, width, 14+18*len(lines), class)
	for i, line := range lines {
		emphasis := "dim"
		if i == 0 {
			emphasis = "big"
		}
		p.text(x+10, y+20+18*i, emphasis, line)
	}
}

// arrow draws an arrow, level or with a bend in its middle.
func (p *picture) arrow(x1, y1, x2, y2 int) {
	if x1 == x2 {
		tip := 8
		if y2 < y1 {
			tip = -8
		}
		p.add(`<path d="M%d %dV%d" class="line"/><path d="M%d %dl-4 %dh8z" class="head"/>`, x1, y1, y2-tip, x2, y2, -tip)
		return
	}
	p.add(`<path d="M%d %dC%d %d %d %d %d %d" class="line"/><path d="M%d %dl-8 -4v8z" class="head"/>`,
		x1, y1, (x1+x2)/2, y1, (x1+x2)/2, y2, x2-8, y2, x2, y2)
}

// hold compares the picture with its file, or with -update writes that.
func (p *picture) hold(t *testing.T, file, title string) {
	t.Helper()
	svg := fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="%s">
<title>%s</title>
<style>%s</style>
%s</svg>
`, p.width, p.height, p.width, p.height, html.EscapeString(title), html.EscapeString(title), style, p.b.String())
	if *update {
		if err := os.WriteFile(file, []byte(svg), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if was, err := os.ReadFile(file); err != nil || string(was) != svg {
		t.Errorf("%s is not what is drawn now (%v); go test ./example/guide -update", file, err)
	}
}
