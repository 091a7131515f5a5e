package ui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/termtext"
)

// command is what a line that begins with a slash can ask for.
type command struct {
	name  string
	usage string // as help shows it; empty of one that only a list names
	does  string
	run   func(m *model, argument string) tea.Cmd
}

// commands is filled at start because help, one of them, lists them all.
var commands []command

func init() {
	commands = []command{
		{"attach", "/attach [PATH]", "add a picture, or see those of this folder", (*model).attachCommand},
		{"paste", "/paste", "add the picture that was copied", (*model).pasteClipboard},
		{"crop", "/crop X,Y,W,H", "add a part of a picture, in pixels or %", (*model).crop},
		{"tiles", "/tiles [2x2]", "add the tiles of a picture, for its details", (*model).tiles},
		{"zoom", "/zoom", "look closer, and choose what to add by eye", (*model).openZoom},
		{"open", "/open [N]", "open a picture in the system's viewer", (*model).open},
		{"search", "/search WORDS", "find pictures in an index by what they show", (*model).searchCommand},
		{"find", "/find [WORDS]", "find words in the conversation", (*model).find},
		{"copy", "/copy [N|code N|all]", "copy the last answer, another one, its code, or all", (*model).copy},
		{"edit", "/edit [N]", "change the last message, or another one, and ask it anew", (*model).editCommand},
		{"retry", "/retry [MODEL]", "ask the last question again, or ask another model", (*model).retry},
		{"branch", "/branch [N]", "see all branches, or go on behind an earlier message", (*model).branch},
		{"compare", "/compare MODEL [MODEL]", "put the last question to two models, side by side", (*model).compareCommand},
		{"undo", "/undo", "take back the last message", (*model).undo},
		{"redo", "/redo", "bring back the message that was taken back", (*model).redo},
		{"prompt", "/prompt [NAME]", "ask a prompt of the library, or see them all", (*model).promptCommand},
		{"ground", "/ground [N]", "see which words of an answer rest on the picture", (*model).ground},
		{"origin", "/origin [N]", "see what an answer came from, down to the seed", (*model).originCommand},
		{"classify", "/classify A,B,C", "see which label fits the last picture", (*model).classify},
		{"context", "/context", "show what takes how much of the context", (*model).contextCommand},
		{"set", "/set [NAME VALUE]", "list the settings of answers, or change one", (*model).setCommand},
		{"temp", "/temp [X]", "see the temperature of answers, or change it", (*model).temp},
		{"system", "/system [TEXT]", "see the system message, or set it; - clears it", (*model).system},
		{"start", "/start", "see what there is to begin with, and choose", (*model).startCommand},
		{"model", "/model [NAME]", "list the models, or go on with another one", (*model).chooseModel},
		{"pull", "/pull [NAME]", "fetch a model, or see how far it is", (*model).pull},
		{"backend", "/backend [NAME MODEL]", "list the engines, or go on with another one", (*model).chooseBackend},
		{"profile", "/profile [NAME]", "list the profiles, or go on with another one", (*model).chooseProfile},
		{"editor", "/editor", "write on in your editor ($VISUAL, $EDITOR)", (*model).openEditor},
		{"history", "/history [WORDS]", "find what was sent before, to send it again", (*model).searchHistory},
		{"sessions", "/sessions [WORDS]", "open, rename, tag or remove a conversation that is kept", (*model).sessionsCommand},
		{"remove", "", "", (*model).removeCommand},
		{"rename", "/rename TITLE", "give this conversation a title", (*model).rename},
		{"tag", "/tag [TAG -TAG]", "see its tags, add some, or take some away", (*model).tagCommand},
		{"export", "/export [FILE]", "write it to a .md, .html or .json file", (*model).export},
		{"clear", "/clear", "begin a new conversation", (*model).clear},
		{"help", "/help", "show all commands and keys", (*model).help},
		{"keys", "/keys", "show all keys", (*model).listKeys},
		{"quit", "/quit", "leave", func(*model, string) tea.Cmd { return tea.Quit }},
	}
}

// runCommand does what was asked for, or says that there is no such thing.
func (m *model) runCommand(name, argument string) tea.Cmd {
	i := slices.IndexFunc(commands, func(c command) bool { return c.name == name })
	if i < 0 {
		m.say(&note{text: fmt.Sprintf("There is no command /%s, and it was not sent.", termtext.Line(name)),
			hint: "/help lists the commands. To begin a message with a slash, put a space before it."})
		return nil
	}
	m.remember(name)
	return commands[i].run(m, argument)
}

// attachCommand attaches pictures by their names, or by their numbers where a folder's are
// listed with them; without either it shows those of this folder.
func (m *model) attachCommand(argument string) tea.Cmd {
	if argument == "" {
		return m.openPictures(".")
	}
	if words := strings.Fields(argument); m.shown["attach"] != nil && !slices.ContainsFunc(words, notNumber) {
		return m.pickNumbers("attach", words)
	}
	return m.attach(sources(argument), &request{})
}

// clear forgets the conversation. Pictures that wait for the next message stay.
func (m *model) clear(string) tea.Cmd {
	m.stop()
	m.stopTask()
	m.leaveEdit()
	m.leaveTalk()
	cmd := m.newConversation()
	m.talk.clear()
	m.transcript.clear()
	m.draft, m.late = nil, nil
	m.status.usage = nil
	m.status.cost = 0
	m.say(&note{text: "A new conversation: the model has forgotten the last one and its pictures."})
	return cmd
}
