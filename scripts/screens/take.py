#!/usr/bin/env python3
"""Takes the pictures of the screen in docs/pictures from the real program.

    scripts/screens/take.py [-o FOLDER] [TAPE...]

Each tape is what a person does: it runs in a real terminal (kitty) on a display of
its own (Xvfb), once on a dark ground and once on a light one. Needed are Xvfb, kitty
and ImageMagick; the demo model and its runtime; nothing else, and no network.
A tape has a line for each step:

    size COLSxROWS          of the terminal, in characters (100x30)
    env NAME=VALUE          for the program
    theme dark|light        only this one; also the shot's name has none then
    fresh                   whoever starts it has not seen it before
    run ARGUMENTS           vlmchat with these; {server} is a server with the answers
                            of server.py; {samples} the folder of the sample pictures.
                            A later run finds what an earlier one has kept
    once ARGUMENTS          the same of a command that prints and ends, below its line
    wait TEXT               until this is on the screen
    gone TEXT               until it is not
    type TEXT               as it is written
    key NAME...             enter, esc, tab, up, ctrl+p, alt+up, ...
    sleep SECONDS           for what shows nothing that could be waited for
    shot NAME               takes the picture NAME-dark.png or NAME-light.png
"""
import argparse
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PATIENCE = 180  # seconds; a busy machine takes its time
FONT_SIZE = 11

THEMES = {
    "dark": ["background=#16181d", "foreground=#d5d9e0", "cursor=#d5d9e0"],
    "light": ["background=#fdfdfb", "foreground=#22262e", "cursor=#22262e"],
}

KEYS = {
    "enter": "\r", "esc": "\x1b", "tab": "\t", "shift+tab": "\x1b[Z", "space": " ",
    "backspace": "\x7f", "up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D",
    "pgup": "\x1b[5~", "pgdown": "\x1b[6~", "home": "\x1b[H", "end": "\x1b[F",
    "alt+up": "\x1b[1;3A", "alt+down": "\x1b[1;3B", "alt+left": "\x1b[1;3D", "alt+right": "\x1b[1;3C",
    "alt+enter": "\x1b\r",
}


def key(name):
    if name in KEYS:
        return KEYS[name]
    if name.startswith("ctrl+") and len(name) == 6:
        return chr(ord(name[5]) & 0x1F)
    if len(name) == 1:
        return name
    raise SystemExit(f"there is no key {name}")


class Terminal:
    """kitty with the program in it."""

    def __init__(self, theme, size, env, arguments, folder):
        self.socket = f"unix:{folder}/kitty"
        cols, rows = size
        options = THEMES[theme] + [
            "allow_remote_control=yes", "remember_window_size=no", "confirm_os_window_close=0",
            f"initial_window_width={cols}c", f"initial_window_height={rows}c", f"font_size={FONT_SIZE}",
            "window_padding_width=8", "cursor_blink_interval=0", "enable_audio_bell=no", "update_check_interval=0",
            "hide_window_decorations=yes", "mouse_hide_wait=0.1",
        ]
        command = ["kitty", "--config", "NONE", "--listen-on", self.socket]
        for o in options:
            command += ["-o", o]
        self.process = subprocess.Popen(
            command + ["--"] + arguments, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.time() + PATIENCE
        while not self.text():
            if time.time() > deadline or self.process.poll() is not None:
                raise SystemExit("kitty does not start")
            time.sleep(0.1)

    def control(self, *arguments, **more):
        return subprocess.run(["kitty", "@", "--to", self.socket, *arguments], capture_output=True, **more)

    def text(self):
        return self.control("get-text").stdout.decode(errors="replace")

    def send(self, text):
        self.control("send-text", "--stdin", input=text.encode())

    def wait(self, text, there=True):
        deadline = time.time() + PATIENCE
        while (text in self.text()) != there:
            if time.time() > deadline:
                raise SystemExit(f"waited in vain for {text!r}; the screen:\n{self.text()}")
            time.sleep(0.1)

    def geometry(self):
        return json.loads(self.control("ls").stdout)

    def close(self):
        self.process.terminate()
        self.process.wait()


def steps(tape):
    for line in tape.read_text().splitlines():
        line = line.strip()
        if line and not line.startswith("#"):
            word, _, rest = line.partition(" ")
            yield word, rest.strip()


def play(tape, theme, display, server, out):
    folder = tempfile.mkdtemp(prefix="vlmchat-screens-")
    env = dict(os.environ, DISPLAY=display, LIBGL_ALWAYS_SOFTWARE="1", COLORTERM="truecolor",
               XDG_CONFIG_HOME=folder + "/config", XDG_STATE_HOME=folder + "/state", XDG_RUNTIME_DIR=folder + "/run",
               XDG_DATA_HOME=folder + "/data", OPENAI_API_KEY="")
    # Nothing of whoever takes them is in the pictures: no settings, no conversations, no servers.
    kept = ("VLMCHAT_DATA_DIR", "VLMCHAT_CACHE_DIR")
    for name in list(env):
        if name.startswith("VLMCHAT_") and name not in kept:
            del env[name]
    for name in ("TMUX", "SSH_CONNECTION", "SSH_TTY", "NO_COLOR"):
        env.pop(name, None)
    os.makedirs(folder + "/run", mode=0o700)
    os.makedirs(folder + "/state/vlmchat", mode=0o700)
    open(folder + "/state/vlmchat/welcomed", "w").close()  # the welcome was seen
    runtimes = pathlib.Path(env.get("VLMCHAT_DATA_DIR", ROOT / ".cache" / "data"))
    env.pop("VLMCHAT_DATA_DIR", None)
    os.makedirs(folder + "/data/vlmchat")
    os.symlink(runtimes / "runtimes", folder + "/data/vlmchat/runtimes")
    env.setdefault("VLMCHAT_CACHE_DIR", str(ROOT / ".cache" / "cache"))
    size, single, terminal = (100, 30), False, None
    try:
        for word, rest in steps(tape):
            if word == "size":
                size = tuple(int(n) for n in rest.split("x"))
            elif word == "env":
                name, _, value = rest.partition("=")
                env[name] = value.format(server=server, samples=ROOT / "testdata/tinyvlm/samples")
            elif word == "fresh":
                os.remove(folder + "/state/vlmchat/welcomed")
            elif word == "theme":
                if rest != theme:
                    return
                single = True
            elif word in ("run", "once"):
                rest = rest.format(server=server, samples="testdata/tinyvlm/samples")
                if terminal:
                    terminal.close()
                command = [str(ROOT / "bin" / "vlmchat"), *shlex.split(rest)]
                if word == "once":
                    shown = "$ vlmchat " + rest.replace("testdata/tinyvlm/samples/", "")
                    command = ["sh", "-c", 'printf "%s\\n" "$1"; shift; "$@"; exec sleep 600', "sh", shown, *command]
                terminal = Terminal(theme, size, env, command, folder)
            elif word == "wait":
                terminal.wait(rest)
            elif word == "gone":
                terminal.wait(rest, there=False)
            elif word == "type":
                terminal.send(rest)
            elif word == "key":
                for name in rest.split():
                    terminal.send(key(name))
                    time.sleep(0.15)
            elif word == "sleep":
                time.sleep(float(rest))
            elif word == "shot":
                time.sleep(0.7)  # pixels follow the text
                target = out / (f"{rest}.png" if single else f"{rest}-{theme}.png")
                subprocess.run(["import", "-display", display, "-window", "root", "-crop", "+0+0", "+repage",
                                "-trim", "+repage", "-colors", "255", "-strip", str(target)], check=True)
                print(target)
            else:
                raise SystemExit(f"{tape}: there is no step {word}")
    finally:
        if terminal:
            terminal.close()
        subprocess.run([str(ROOT / "bin" / "vlmchat"), "stop"], env=env, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-o", "--out", type=pathlib.Path, default=ROOT / "docs" / "pictures")
    parser.add_argument("--theme", choices=THEMES)
    parser.add_argument("tapes", nargs="*", type=pathlib.Path)
    args = parser.parse_args()
    os.chdir(ROOT)
    subprocess.run(["make", "build"], check=True, stdout=subprocess.DEVNULL)
    args.out.mkdir(parents=True, exist_ok=True)
    display = f":{90 + os.getpid() % 400}"
    screen = subprocess.Popen(["Xvfb", display, "-screen", "0", "1400x1000x24", "-nolisten", "tcp"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    server = subprocess.Popen([sys.executable, str(HERE / "server.py")], stdout=subprocess.PIPE, text=True)
    try:
        address = server.stdout.readline().strip()
        for tape in args.tapes or sorted(HERE.glob("*.tape")):
            for theme in [args.theme] if args.theme else THEMES:
                play(tape, theme, display, address, args.out)
    finally:
        server.terminate()
        screen.terminate()


if __name__ == "__main__":
    main()
