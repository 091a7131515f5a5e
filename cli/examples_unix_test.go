//go:build unix

package cli

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/runtimes"
)

// notRun are examples that need what is not here. Of these the flags are read alone.
var notRun = map[string]string{
	"vlmchat -t receipt -o total.json receipt.jpg":                                              "a model that fills in a schema, and comes to an end",
	"find . -name '*.jpg' -print0 | vlmchat batch -0 -t tags -o tags.jsonl":                     "a model that fills in a schema, and comes to an end",
	"vlmchat -b ollama -m llava photo.jpg":                                                      "an Ollama with that model",
	"vlmchat models pull -b ollama llava:7b":                                                    "an Ollama, and the network",
	"vlmchat models import ollama:llava:7b --name llava":                                        "a model that Ollama has pulled",
	"vlmchat index export --qdrant http://localhost:6333 --collection photos":                   "a Qdrant",
	"vlmchat config edit":                                                                       "a terminal",
	"vlmchat prompts edit caption":                                                              "a terminal",
	"vlmchat show --as-seen --model M photo.jpg":                                                "a model of that name",
	"vlmchat sessions rerun k3fw82ab --all -m other.gguf":                                       "another model",
	`vlmchat sessions rerun "What is this?#3" --json`:                                           "a conversation with a third message",
	"vlmchat classify --encoder clip-vit-base-patch32 photo.jpg -l cat,dog":                     "that checkpoint",
	"vlmchat classify -m gemma-3-4b.gguf photo.jpg -l cat,dog":                                  "that model",
	"vlmchat eval classify --data labels.jsonl -m gemma-3-4b.gguf -o runs/gemma":                "that model",
	"vlmchat eval retrieval --data captions.jsonl --encoder clip-vit-base-patch32 -o runs/clip": "that checkpoint",
	`vlmchat search "a red circle" --chat`:                                                      "a terminal",
	"vlmchat sessions import llm ollama":                                                        "the histories of other programs",
	"vlmchat sessions export cat --format json - | ssh home vlmchat sessions import -":          "another computer",
}

// What help shows by way of example works: each line is run by a shell, with files by the names
// that are in it, and the demo model.
func TestExamples(t *testing.T) {
	t.Parallel()
	eachCommand(rootCommand(&app{}), func(cmd *cobra.Command) {
		if !cmd.HasExample() {
			return
		}
		t.Run(command(cmd), func(t *testing.T) {
			t.Parallel()
			s := newSandbox(t)
			if name := command(cmd); name == "search" || strings.HasPrefix(name, "index ") {
				if out, err := s.run("vlmchat index photos/"); err != nil {
					t.Fatalf("%v\n%s", err, out)
				}
			}
			if command(cmd) == "models import" {
				s.env = append(s.env, "VLMCHAT_DATA_DIR="+filepath.Join(s.dir, "data"))
				writeModel(t, filepath.Join(s.dir, "Downloads"), "model.gguf", "mmproj-f16.gguf")
			}
			for _, line := range examplesOf(cmd) {
				if why, not := notRun[line]; not {
					t.Logf("%s needs %s", line, why)
					if err := flagsOf(line); err != nil {
						t.Errorf("%s: %v", line, err)
					}
					continue
				}
				if out, err := s.run(line); err != nil {
					t.Errorf("%s: %v\n%s", line, err, out)
				}
			}
		})
	})
}

// remark is what stands behind an example.
var remark = regexp.MustCompile(`  +[^ ].*$`)

// examplesOf are the lines of a command's examples without what is said about them.
func examplesOf(cmd *cobra.Command) []string {
	var lines []string
	for _, line := range strings.Split(strings.ReplaceAll(cmd.Example, "|\n   ", "|"), "\n") {
		lines = append(lines, remark.ReplaceAllString(strings.TrimSpace(line), ""))
	}
	return lines
}

// flagsOf reads the flags of a line that is one command.
func flagsOf(line string) error {
	line = line[strings.Index(line, "vlmchat "):]
	line, _, _ = strings.Cut(line, " | ")
	root := rootCommand(&app{})
	cmd, args, err := root.Find(strings.Fields(line)[1:])
	if err == nil {
		err = cmd.ParseFlags(args)
	}
	return err
}

// sandbox is a folder with files by the names that examples have.
type sandbox struct {
	dir, session string
	env          []string
}

func newSandbox(t *testing.T) *sandbox {
	t.Helper()
	libraries, err := runtimes.Use(os.Getenv("VLMCHAT_RUNTIME"))
	if err != nil {
		t.Fatal(err)
	}
	data, err := config.DataDir()
	if err != nil {
		t.Fatal(err)
	}
	sockets, err := os.MkdirTemp("", "vlm") // a socket's path has to be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(sockets) })
	s := &sandbox{dir: t.TempDir()}
	s.env = append(os.Environ(), "HOME="+s.dir, "XDG_RUNTIME_DIR="+sockets, "VLMCHAT_DATA_DIR="+data, "VLMCHAT_RUNTIME="+libraries.Dir,
		"VLMCHAT_CONFIG="+filepath.Join(s.dir, "config.toml"), "VLMCHAT_SESSIONS_DIR="+filepath.Join(s.dir, "sessions"),
		"VLMCHAT_DISK_CACHE=0", "VLMCHAT_CACHE_DIR="+filepath.Join(sockets, "cache"), "VLMCHAT_STATE_DIR="+filepath.Join(s.dir, "state"),
		"VLMCHAT_INDEX="+filepath.Join(s.dir, "index"), "VLMCHAT_KEEP_ALIVE=3s", "PATH="+filepath.Join(s.dir, "bin")+string(filepath.ListSeparator)+os.Getenv("PATH"))
	s.env = append(s.env, hubEnv(t, s.dir)...)
	for name, from := range map[string]string{
		"photo.jpg": "testdata/tinyvlm/samples/scene-05.jpg", "receipt.jpg": "testdata/tinyvlm/samples/scene-05.jpg",
		"photos/a.jpg": "testdata/tinyvlm/samples/scene-05.jpg", "before.png": "testdata/tinyvlm/samples/scene-01.png",
		"after.png": "testdata/tinyvlm/samples/scene-02.png",
	} {
		b, err := os.ReadFile(filepath.Join("..", from))
		if err != nil {
			t.Fatal(err)
		}
		s.write(t, name, string(b), 0o600)
	}
	for name, text := range map[string]string{
		"bin/less": "#!/bin/sh\ncat\n", "bin/man": "#!/bin/sh\ncat\n", "bin/curl": "#!/bin/sh\ncat\n", "bin/jq": "#!/bin/sh\ncat\n",
	} {
		s.write(t, name, text, 0o700)
	}
	for name, from := range map[string]string{"captions": "captions", "questions": "vqa", "labels": "labels", "train": "vqa"} {
		s.dataset(t, name+".jsonl", from+".jsonl")
	}
	s.write(t, "given.jsonl", `{"image": "scene-01.png", "question": "Is the large digit 9 red?", "answer": "yes"}`+"\n", 0o600)
	for _, run := range []string{"gemma", "smolvlm", "main", "change"} {
		s.write(t, "runs/"+run+"/report.json", vqaReport(t), 0o600)
	}
	s.write(t, "captions.txt", "a red circle\na blue square\n", 0o600)
	s.write(t, "prompts/mine.md", "What is this?\n", 0o600)
	s.write(t, "labels.txt", "heart\nstar\n", 0o600)
	const pages = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R 4 0 R 5 0 R]/Count 3/MediaBox[0 0 64 64]>>endobj\n" +
		"3 0 obj<</Type/Page/Parent 2 0 R>>endobj\n4 0 obj<</Type/Page/Parent 2 0 R>>endobj\n5 0 obj<</Type/Page/Parent 2 0 R>>endobj\ntrailer<</Root 1 0 R/Size 6>>\n%%EOF\n"
	s.write(t, "scan.pdf", pages, 0o600)
	s.write(t, "scans/a.pdf", pages, 0o600)
	s.write(t, "jobs.jsonl", `{"id": "a", "image": "photo.jpg", "prompt": "What is it?"}`+"\n", 0o600)
	s.write(t, "config.toml", "max_tokens = 512\n[profiles.work]\nbase_url = 'http://localhost:8080/v1'\n", 0o600)
	if out, err := s.run("vlmchat config set temperature 0 && echo 'Describe this image.' | vlmchat --plain photo.jpg && vlmchat sessions list --json >list.json"); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var list []struct {
		ID string `json:"id"`
	}
	b, err := os.ReadFile(filepath.Join(s.dir, "list.json"))
	if err == nil {
		err = json.Unmarshal(b, &list)
	}
	if err != nil || len(list) != 1 {
		t.Fatalf("the conversations are %s, %v", b, err)
	}
	s.session = list[0].ID
	if out, err := s.run("vlmchat sessions rename k3fw82ab cat && vlmchat sessions export cat cat.json"); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return s
}

// dataset puts the first items of a dataset of samples into the folder, whose pictures stay.
func (s *sandbox) dataset(t *testing.T, name, from string) {
	t.Helper()
	samples, err := filepath.Abs("../testdata/tinyvlm/samples")
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(samples, from))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(b), "\n")
	lines = lines[:min(len(lines), 30)]
	s.write(t, name, strings.ReplaceAll(strings.Join(lines, ""), `"image": "`, `"image": "`+samples+"/"), 0o600)
}

func (s *sandbox) write(t *testing.T, name, text string, mode os.FileMode) {
	t.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// run has a shell run a line. A chat is held line by line, and nobody says anything.
func (s *sandbox) run(line string) (string, error) {
	line = strings.ReplaceAll(line, "k3fw82ab", s.session)
	if isChat(line) {
		line += " --plain"
	}
	cmd := exec.Command("bash", "-o", "pipefail", "-c", line)
	cmd.Dir, cmd.Env = s.dir, s.env
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// isChat tells an example that opens a chat.
func isChat(line string) bool {
	if strings.Contains(line, "|") || !strings.HasPrefix(line, "vlmchat ") {
		return false
	}
	cmd, args, err := rootCommand(&app{}).Find(strings.Fields(line)[1:])
	if err != nil || cmd.HasParent() {
		return false
	}
	asks := false
	_ = cmd.Flags().ParseAll(args, func(f *pflag.Flag, _ string) error {
		asks = asks || f.Name == "prompt" || f.Name == "template"
		return nil
	})
	return !asks
}
