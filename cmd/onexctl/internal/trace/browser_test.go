//go:build chromium

package trace

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// measure has a browser tell, in the page itself, what there is to see of it.
const measure = `<script>
const seen = [...document.querySelectorAll('.row')].map(row => {
	const box = row.querySelector('.name').getBoundingClientRect();
	const bar = row.querySelector('.bar').getBoundingClientRect();
	const track = row.querySelector('.track').getBoundingClientRect();
	return {
		name: row.querySelector('.name').textContent, visible: box.width > 0 && box.height > 0,
		inside: box.left >= 0 && box.right <= innerWidth && bar.left >= track.left - 8 && bar.right <= track.right + 8,
		begin: (bar.left - track.left) / track.width, width: bar.width, track: track.width,
	};
});
const result = document.createElement('pre');
result.id = 'seen';
result.textContent = JSON.stringify({rows: seen, scrolls: document.documentElement.scrollWidth > innerWidth, width: innerWidth,
	background: getComputedStyle(document.body).backgroundColor, color: getComputedStyle(document.body).color});
document.body.append(result);
</script>`

// A browser shows the operations, each within the page, on a desk and on a phone,
// light and dark.
func TestBrowser(t *testing.T) {
	var b bytes.Buffer
	if err := page(&b, request(t)); err != nil {
		t.Fatal(err)
	}
	// The page allows no script; the one that measures needs to be allowed.
	text := regexp.MustCompile(`<meta http-equiv="Content-Security-Policy".*>`).ReplaceAllString(b.String(), "")
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, []byte(strings.Replace(text, "</body>", measure+"</body>", 1)), 0o666); err != nil {
		t.Fatal(err)
	}
	backgrounds := map[string]bool{}
	for _, width := range []int{1280, 400} {
		for _, dark := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d dark=%v", width, dark), func(t *testing.T) {
				seen := open(t, file, width, dark)
				if seen.Width != width {
					t.Fatalf("the page is %d wide, want %d", seen.Width, width)
				}
				if seen.Scrolls {
					t.Error("it is wider than the window")
				}
				var names []string
				for _, row := range seen.Rows {
					names = append(names, row.Name)
					if !row.Visible || !row.Inside || row.Width <= 0 || row.Track < 100 {
						t.Errorf("row %+v", row)
					}
				}
				const want = "orchestrator.run effect.fetch compute.stamp compute.metric.recorded reducer.state.changed effect.notify"
				if got := strings.Join(names, " "); got != want {
					t.Errorf("it shows %s, want %s", got, want)
				}
				if b := seen.Rows[2].Begin; b < 0.34 || b > 0.36 {
					t.Errorf("compute.stamp begins at %v, want 0.35", b)
				}
				if seen.Background == seen.Color {
					t.Error("text cannot be told from the page")
				}
				backgrounds[seen.Background] = true
			})
		}
	}
	if len(backgrounds) != 2 {
		t.Errorf("light and dark have the backgrounds %v", backgrounds)
	}
}

type seen struct {
	Rows []struct {
		Name            string
		Visible, Inside bool
		Begin           float64
		Width, Track    float64
	}
	Scrolls           bool
	Width             int
	Background, Color string
}

// open opens a file in a browser of a width, and returns what is seen.
func open(t *testing.T, file string, width int, dark bool) (s seen) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	// A window cannot be as narrow as a phone, but a frame in it can.
	frame := filepath.Join(filepath.Dir(file), fmt.Sprintf("frame-%d.html", width))
	content := fmt.Sprintf(`<!DOCTYPE html><body style="margin:0"><iframe style="border:0;width:%dpx;height:2000px" srcdoc="%s"></iframe>
<script>onload = () => document.body.append(document.querySelector('iframe').contentDocument.querySelector('#seen'))</script>`, width, html.EscapeString(read(t, file)))
	if err := os.WriteFile(frame, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
	args := []string{
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
		"--user-data-dir=" + t.TempDir(), "--window-size=1400,2000", "--dump-dom",
	}
	if dark {
		args = append(args, "--blink-settings=preferredColorScheme=0")
	} else {
		args = append(args, "--blink-settings=preferredColorScheme=1")
	}
	cmd := exec.CommandContext(ctx, "chromium", append(args, "file://"+frame)...)
	dom, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	match := regexp.MustCompile(`(?s)<pre id="seen">(.*?)</pre>`).FindSubmatch(dom)
	if match == nil {
		t.Fatalf("nothing was measured:\n%s", dom)
	}
	if err := json.Unmarshal([]byte(html.UnescapeString(string(match[1]))), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
