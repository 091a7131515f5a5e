package eval

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/vlmchat/vlmchat/engine"
)

// ReportName is the file in a run's folder that has the report.
const ReportName = "report.json"

// ReadReport reads a report: a file, or the folder of a run that has it. The error says what is
// wrong with it, and what to do.
func ReadReport(path string) (*Report, error) {
	file := path
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		file = filepath.Join(path, ReportName)
	}
	data, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist) && file != path:
		e := &engine.Error{Kind: engine.BadOption, Message: fmt.Sprintf("there is no %s in %s", ReportName, path)}
		if _, err := os.Stat(filepath.Join(path, JournalName)); err == nil {
			e.Message += ": its run did not come to its end"
			e.Hint = "the same command with -o " + path + " goes on with it"
		}
		return nil, e
	case errors.Is(err, fs.ErrNotExist):
		return nil, &engine.Error{
			Kind: engine.BadOption, Message: "there is no report " + path,
			Hint: "a report is the folder that 'vlmchat eval … -o FOLDER' wrote, or the report.json in it",
		}
	case err != nil:
		return nil, fmt.Errorf("the report can't be read: %w", err)
	}
	return parseReport(file, data)
}

func parseReport(name string, data []byte) (*Report, error) {
	r := &Report{}
	if err := json.Unmarshal(data, r); err != nil {
		return nil, &engine.Error{Kind: engine.BadOption, Message: fmt.Sprintf("%s is no report of 'vlmchat eval': %v", name, err)}
	}
	if r.Format != ReportFormat {
		return nil, &engine.Error{Kind: engine.BadOption, Message: fmt.Sprintf("%s is no report of 'vlmchat eval': its format is %q", name, r.Format)}
	}
	if r.Version != ReportVersion {
		return nil, &engine.Error{
			Kind: engine.BadOption, Message: fmt.Sprintf("%s is a report of version %d, and this vlmchat reads version %d", name, r.Version, ReportVersion),
			Hint: "score the answers again, or use the vlmchat that wrote it: " + r.Vlmchat,
		}
	}
	return r, nil
}
