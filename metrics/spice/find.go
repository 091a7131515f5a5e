package spice

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/lazyregexp"
)

// jarName is how the reference calls it.
const jarName = "spice-1.0.jar"

// MissingError says what SPICE can't be computed without, and how to get it.
type MissingError struct {
	Path string   // where it was looked for
	What []string // a line each
}

func (e *MissingError) Error() string {
	return "SPICE can't be computed with " + e.Path + ": " + strings.Join(e.What, "; ")
}

// How to get what is missing.
const (
	getJava    = "Java 8 or newer is not there (install a JRE, or set JAVA_HOME)"
	getJar     = "there is no " + jarName + " (pip install pycocoevalcap has it in its folder spice)"
	getParsers = "%s is not there (python -m pycocoevalcap.spice.get_stanford_models fetches it, in the folder spice)"
	getNashorn = "Java %d has no JavaScript, which the jar writes its results with: put the jars of Nashorn into %s " +
		"(nashorn-core and asm, asm-commons, asm-tree, asm-util, asm-analysis; Maven knows them as org.openjdk.nashorn:nashorn-core:15.4)"
)

// Find looks for what SPICE needs: spice-1.0.jar at path or in the folder, as pycocoevalcap has
// it, the jars of the Stanford parsers in lib beside it, a Java, and for one of 15 or newer the
// jars of Nashorn in lib. The error is a *MissingError that says what of it is not there.
func Find(path string) (*Scorer, error) {
	missing := &MissingError{Path: path}
	java, version := findJava()
	if version < 8 {
		missing.What = append(missing.What, getJava)
	}
	jar := findJar(path)
	if jar == "" {
		missing.What = append(missing.What, getJar)
		return nil, missing
	}
	lib := filepath.Join(filepath.Dir(jar), "lib")
	for _, name := range []string{"stanford-corenlp-3.6.0.jar", "stanford-corenlp-3.6.0-models.jar"} {
		if !isFile(filepath.Join(lib, name)) {
			missing.What = append(missing.What, fmt.Sprintf(getParsers, filepath.Join("lib", name)))
		}
	}
	if version >= 15 && !hasAll(lib, "nashorn-core-*.jar", "asm-[0-9]*.jar", "asm-commons-*.jar", "asm-tree-*.jar", "asm-util-*.jar", "asm-analysis-*.jar") {
		missing.What = append(missing.What, fmt.Sprintf(getNashorn, version, lib))
	}
	if len(missing.What) > 0 {
		return nil, missing
	}
	// An absolute path has none of Java's own characters but the one that separates places.
	classpath := strings.Join([]string{jar, filepath.Join(lib, "*")}, string(os.PathListSeparator))
	return &Scorer{java: java, classpath: classpath}, nil
}

func findJar(path string) string {
	places := []string{
		filepath.Join(path, jarName), filepath.Join(path, "spice", jarName), filepath.Join(path, "pycocoevalcap", "spice", jarName),
	}
	if strings.EqualFold(filepath.Ext(path), ".jar") {
		places = []string{path}
	}
	for _, jar := range places {
		if absolute, err := filepath.Abs(jar); err == nil && isFile(absolute) {
			return absolute
		}
	}
	return ""
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// hasAll says whether a folder has a file for each of some patterns.
func hasAll(folder string, patterns ...string) bool {
	entries, _ := os.ReadDir(folder)
	for _, p := range patterns {
		if !slices.ContainsFunc(entries, func(e os.DirEntry) bool {
			ok, _ := filepath.Match(p, e.Name())
			return ok
		}) {
			return false
		}
	}
	return true
}

var javaVersion = lazyregexp.New(`version "(?:1\.)?(\d+)`)

// findJava is the Java of JAVA_HOME or of the path, and its version; 0 is none that runs.
func findJava() (java string, version int) {
	java = "java"
	if home := os.Getenv("JAVA_HOME"); home != "" {
		java = filepath.Join(home, "bin", "java")
	}
	java, err := exec.LookPath(java)
	if err != nil {
		return "", 0
	}
	ctx, stop := context.WithTimeout(context.Background(), 30*time.Second)
	defer stop()
	cmd := exec.CommandContext(ctx, java, "-XX:-UsePerfData", "-version")
	cmd.WaitDelay = time.Second
	said, err := cmd.CombinedOutput()
	if err != nil {
		return "", 0
	}
	m := javaVersion().FindSubmatch(bytes.ToValidUTF8(said, nil))
	if m == nil {
		return "", 0
	}
	version, _ = strconv.Atoi(string(m[1]))
	return java, version
}
