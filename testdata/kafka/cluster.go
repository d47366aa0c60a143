package kafkacluster

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// Cluster is a cluster whose processes belong to this one: they end with it,
// however it ends.
type Cluster struct {
	Folder string // has what the script start says

	nodes, port int
	guard       *exec.Cmd // nil if the cluster is somebody else's
	alive       io.Closer // the guard waits for its end
}

// New makes a cluster and starts it. Its nodes have the numbers from 1 on.
func New(nodes int) (*Cluster, error) {
	port, err := freePort(nodes)
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "kafka-")
	if err != nil {
		return nil, err
	}
	c := &Cluster{Folder: folder, nodes: nodes, port: port}
	if err := c.startGuard(); err != nil {
		return nil, err
	}
	if err := c.script("start", "-n", strconv.Itoa(nodes), "-p", strconv.Itoa(port), folder); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// Open takes a cluster that the script start has made in folder and that runs.
// Close leaves it alone.
func Open(folder string) (*Cluster, error) {
	made, err := os.ReadFile(filepath.Join(folder, "made"))
	if err != nil {
		return nil, fmt.Errorf("%w; make the cluster with %s", err, scriptPath("start"))
	}
	c := &Cluster{Folder: folder}
	if _, err := fmt.Sscan(string(made), &c.nodes, &c.port); err != nil {
		return nil, fmt.Errorf("read %s/made: %w; delete the folder", folder, err)
	}
	return c, nil
}

// Nodes returns how many nodes the cluster has.
func (c *Cluster) Nodes() int { return c.nodes }

// Kill ends a node by SIGKILL and returns when it has ended.
func (c *Cluster) Kill(node int) error { return c.node("kill", node) }

// Start starts a node that does not run and returns when it takes connections.
func (c *Cluster) Start(node int) error {
	if err := c.node("start", node); err != nil {
		return err
	}
	return c.node("await", node)
}

// StopAll stops all nodes, and StartAll starts them again, with their data.
func (c *Cluster) StopAll() error { return c.script("stop", c.Folder) }

// StartAll starts all nodes that do not run.
func (c *Cluster) StartAll() error { return c.script("start", c.Folder) }

// Close ends the cluster and deletes its folder.
func (c *Cluster) Close() error {
	if c.guard == nil {
		return nil
	}
	c.alive.Close()
	return c.guard.Wait()
}

// startGuard starts the process that ends the cluster when this process closes
// its standard input, or is gone.
func (c *Cluster) startGuard() error {
	const guarding = `trap "" INT TERM HUP; cat >/dev/null; "$0" "$1"; rm -rf "$1"`
	guard := exec.Command("bash", "-c", guarding, scriptPath("stop"), c.Folder)
	alive, err := guard.StdinPipe()
	if err != nil {
		return err
	}
	c.guard, c.alive = guard, alive
	return guard.Start()
}

func (c *Cluster) node(action string, number int) error {
	return c.script("node", action, strconv.Itoa(number), c.Folder)
}

// script runs one of the scripts of this folder.
func (c *Cluster) script(name string, args ...string) error {
	out, err := exec.Command(scriptPath(name), args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w\n%s", scriptPath(name), strings.Join(args, " "), err, out)
	}
	return nil
}

func scriptPath(name string) string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), name)
}

// freePort returns the first of ports that nothing listens at, below those
// that systems give to connections.
func freePort(nodes int) (int, error) {
	for range 100 {
		port := 15_000 + 10*rand.IntN(1_500)
		if areFree(port, 10*nodes) {
			return port, nil
		}
	}
	return 0, errors.New("no ports between 15000 and 30000 are free; end what listens there")
}

func areFree(port, n int) bool {
	for i := range n {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port+i))
		if err != nil {
			return false
		}
		l.Close()
	}
	return true
}
