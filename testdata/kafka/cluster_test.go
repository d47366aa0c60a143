//go:build kafka

package kafkacluster

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// victim makes the test binary a process that starts a cluster, says where, and
// waits to be killed.
const victim = "ONEX_TEST_VICTIM"

func TestMain(m *testing.M) {
	if os.Getenv(victim) == "" {
		os.Exit(Main(m))
	}
	c, err := New(1)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(c.Folder, c.address(1, Plaintext))
	select {}
}

// What was in a cluster is there again when all of it was killed and started,
// or stopped and started, and a node that runs is left alone.
func TestClusterKeepsItsData(t *testing.T) {
	c, err := New(1)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.CreateTopics(t, 3, nil, "kept")
	for name, end := range map[string]func() error{
		"killed":    func() error { return c.Kill(1) },
		"stopped":   c.StopAll,
		"left":      func() error { return nil },
		"forgotten": func() error { return errors.Join(kill9(c), forget(c)) },
	} {
		if err := end(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := c.StartAll(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		topics, err := c.Admin(t).ListTopics(patience(t), "kept")
		if err != nil || !topics.Has("kept") {
			t.Errorf("%s: %v, %v", name, topics, err)
		}
	}
	folder := c.Folder
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(folder); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder: %v", err)
	}
	if isThere(c.address(1, Plaintext)) {
		t.Error("the node is still there")
	}
}

// kill9 kills the node without the script's knowledge.
func kill9(c *Cluster) error {
	pid, err := os.ReadFile(filepath.Join(c.Folder, "node1", "pid"))
	if err != nil {
		return err
	}
	out, err := exec.Command("kill", "-9", strings.TrimSpace(string(pid))).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	for isThere(c.address(1, Plaintext)) {
		time.Sleep(20 * time.Millisecond)
	}
	return nil
}

// forget makes the pid file that of somebody else.
func forget(c *Cluster) error {
	return os.WriteFile(filepath.Join(c.Folder, "node1", "pid"), fmt.Append(nil, os.Getpid()), 0o666)
}

// A process that is killed takes its cluster with it.
func TestClusterEndsWithItsProcess(t *testing.T) {
	process := exec.Command(os.Args[0])
	process.Env = append(os.Environ(), victim+"=1")
	process.Stderr = os.Stderr
	out, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	folder, address, _ := strings.Cut(strings.TrimSpace(line), " ")
	if !isThere(address) {
		t.Fatal("there is no cluster")
	}
	if err := process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = process.Wait() // it was killed
	for ctx := patience(t); ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
			break
		}
		if ctx.Err() != nil {
			t.Fatalf("%s is still there", folder)
		}
	}
	if isThere(address) {
		t.Error("the node is still there")
	}
}

func isThere(address string) bool {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}
