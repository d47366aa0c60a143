package guide_test

import (
	"bufio"
	"context"
	"fmt"
	"html"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/example/stamping"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool"
)

// stamper, in the environment, makes the test binary a service with that spool.
const stamper = "GUIDE_TEST_STAMPER"

func TestMain(m *testing.M) {
	folder := os.Getenv(stamper)
	if folder == "" {
		os.Exit(m.Run())
	}
	if err := stamp(folder); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// stamp stamps documents durably, with Kafka away, and never ends with the third.
func stamp(folder string) error {
	disk, err := spool.Open(folder)
	if err != nil {
		return err
	}
	pub, err := onex.NewPublisher(onex.Config{Spool: disk, Logger: slog.New(slog.DiscardHandler)}, kgo.SeedBrokers("127.0.0.1:1"))
	if err != nil {
		return err
	}
	e := stamping.NewStamperEvents(pub, "stamper-1")
	for i := 1; ; i++ {
		_, err := e.RunStamp(onex.ContextWithDurable(context.Background()), stamping.Document{}, func(context.Context, stamping.Document) (s stamping.Stamp, err error) {
			fmt.Printf("stamping d-%d: that it has started is on disk\n", i)
			if i == 3 {
				select {}
			}
			return s, nil
		})
		if err != nil {
			return err
		}
	}
}

// What the recording shows happens: a process is killed in an operation while Kafka is
// away, and when Kafka is back, all of its events arrive, and one that says how the
// operation ended.
func TestRecording(t *testing.T) {
	dir := t.TempDir()
	onexctl := filepath.Join(dir, "onexctl")
	if out, err := exec.Command("go", "build", "-o", onexctl, "../../cmd/onexctl").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	r := recording{t: t, dir: dir, onexctl: onexctl}
	r.comment("Kafka is away.")
	process := r.start("./stamper")
	r.comment("And now the process, too.")
	r.says("kill -9 %1", "")
	_ = process.Process.Kill()
	_ = process.Wait()
	r.run("onexctl spool list spool")
	cluster, err := kfake.NewCluster(kfake.Ports(0), kfake.NumBrokers(1), kfake.AllowAutoTopicCreation())
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	r.brokers = cluster.ListenAddrs()[0]
	r.comment("Kafka is back.")
	r.run("onexctl spool drain spool")
	r.run("onexctl tail -utc -since 1h -until-end")
	for _, want := range []string{"5 events", "effect.stamp.failed", "ProcessLost"} {
		if !strings.Contains(r.text.String(), want) {
			t.Errorf("it does not show %q:\n%s", want, &r.text)
		}
	}
	r.hold()
}

// recording is what a terminal shows.
type recording struct {
	t            *testing.T
	dir, onexctl string
	brokers      string
	text         strings.Builder
}

func (r *recording) comment(text string) { fmt.Fprintf(&r.text, "\n# %s\n", text) }

func (r *recording) says(command, out string) { fmt.Fprintf(&r.text, "$ %s\n%s", command, out) }

// start starts the service, and waits until it is in its third operation.
func (r *recording) start(command string) *exec.Cmd {
	process := exec.Command(os.Args[0])
	process.Env = append(os.Environ(), stamper+"="+filepath.Join(r.dir, "spool"))
	out, err := process.StdoutPipe()
	if err == nil {
		err = process.Start()
	}
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = process.Process.Kill() })
	var printed string
	lines := bufio.NewReader(out)
	for range 3 {
		line, err := lines.ReadString('\n')
		if err != nil && err != io.EOF {
			r.t.Fatal(err)
		}
		printed += line
	}
	r.says(command, printed)
	return process
}

func (r *recording) run(command string) {
	words := strings.Fields(command)
	cmd := exec.Command(r.onexctl, words[1:]...)
	cmd.Dir = r.dir
	cmd.Env = append(os.Environ(), "KAFKA_BOOTSTRAP_SERVERS="+r.brokers, "NO_COLOR=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("%s: %v\n%s", command, err, out)
	}
	r.says(command, string(out))
}

// hold compares what the terminal shows with the picture, but for what differs each
// time; or with -update draws that.
func (r *recording) hold() {
	r.t.Helper()
	const file = "recording.svg"
	if *update {
		if err := os.WriteFile(file, []byte(r.svg()), 0o666); err != nil {
			r.t.Fatal(err)
		}
	}
	data, err := os.ReadFile(file)
	if err != nil {
		r.t.Fatal(err)
	}
	var shown strings.Builder
	for _, line := range regexp.MustCompile(`<text[^>]*>([^<]*)</text>`).FindAllStringSubmatch(string(data), -1) {
		shown.WriteString(html.UnescapeString(line[1]) + "\n")
	}
	varies := regexp.MustCompile(`\b\d[\d.]*(?: m?s|[smh])\b|\b[0-9a-f]{8}\b|[0-9a-f]*\d[0-9a-f.:T-]*Z?|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec| +`)
	now, was := varies.ReplaceAllString(r.text.String(), "…"), varies.ReplaceAllString(shown.String(), "…")
	if now != was {
		r.t.Errorf("the recording shows\n%s\nand what happens is\n%s\ngo test ./example/guide -update", was, now)
	}
}

// svg draws the terminal, whose lines come one after the other.
func (r *recording) svg() string {
	lines := strings.Split(strings.TrimSuffix(r.text.String(), "\n"), "\n")
	width := 0
	for _, line := range lines {
		width = max(width, len([]rune(line)))
	}
	var b strings.Builder
	w, h := 24+width*8, 24+19*len(lines)
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="A terminal: a process is killed while Kafka is away, and its events arrive when Kafka is back">
<title>A process is killed while Kafka is away, and its events arrive when Kafka is back</title>
<style>text{font:13px ui-monospace,monospace;fill:#1f2328}.c{fill:#59636e}.in{font-weight:600}rect{fill:#f6f8fa}
@media(prefers-color-scheme:dark){text{fill:#f0f6fc}.c{fill:#9198a1}rect{fill:#151b23}}
@media(prefers-reduced-motion:no-preference){text{opacity:0;animation:s .1s forwards}@keyframes s{to{opacity:1}}}</style>
<rect width="%d" height="%d" rx="8"/>
`, w, h, w, h, w, h)
	at := time.Duration(0)
	for i, line := range lines {
		class := ""
		switch {
		case strings.HasPrefix(line, "#"):
			class, at = ` class="c"`, at+time.Second
		case strings.HasPrefix(line, "$"):
			class, at = ` class="in"`, at+time.Second
		default:
			at += 150 * time.Millisecond
		}
		fmt.Fprintf(&b, `<text x="12" y="%d" xml:space="preserve" style="animation-delay:%.2fs"%s>%s</text>`+"\n", 26+19*i, at.Seconds(), class, html.EscapeString(line))
	}
	return b.String() + "</svg>\n"
}
