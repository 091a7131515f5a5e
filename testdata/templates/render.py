#!/usr/bin/env python3
"""Renders every template of manifest.json with jinja2, the engine for which chat
templates are written, and writes the prompts to references.json: what vlmchat's
own rendering has to equal, byte for byte.

    make templates && pip install jinja2==3.1.6 && testdata/templates/render.py

The environment is the one of transformers (utils/chat_template_utils.py), and
messages have the shape in which llama-server gives them to a template
(common/chat.cpp): pictures are a marker in the text.
"""

import datetime
import glob
import hashlib
import json
import pathlib
import zipfile

import jinja2
import jinja2.ext
from jinja2.sandbox import ImmutableSandboxedEnvironment

HERE = pathlib.Path(__file__).parent
WHEELS = HERE.parent.parent / ".cache" / "templates"
MARKER = "<__media__>"
PROBE = "vlmchatprobe"
NOW = datetime.datetime(2026, 1, 2, 15, 4, 5)


class Generation(jinja2.ext.Extension):
    """The block by which training scripts mark what the assistant said."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_same"), [], [], body).set_lineno(line)

    def _same(self, caller):
        return caller()


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def environment():
    env = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols]
    )
    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = NOW.strftime
    return env


class Template:
    def __init__(self, source):
        self.compiled = environment().from_string(source)
        as_text = self.shows([{"role": "user", "content": PROBE}])
        as_parts = self.shows([{"role": "user", "content": [{"type": "text", "text": PROBE}]}])
        self.takes_text = as_text is not None
        self.takes_parts = as_text is None or as_text == as_parts
        self.system = self.shows([self.message("system", [PROBE]), self.message("user", ["x"])]) is not None

    def shows(self, messages):
        """The prompt if it has the probe, else None."""
        try:
            out = self.render(messages)
        except Exception:
            return None
        return out if PROBE in out else None

    def render(self, messages, **switches):
        return self.compiled.render(
            messages=messages, tools=None, documents=None, add_generation_prompt=True,
            bos_token="<bos>", eos_token="<eos>", **switches,
        )

    def message(self, role, texts):
        if self.takes_parts and (len(texts) > 1 or not self.takes_text):
            return {"role": role, "content": [{"type": "text", "text": t} for t in texts]}
        return {"role": role, "content": "\n".join(texts)}

    def prompt(self, conversation):
        turns = [(m["role"], texts(m["parts"])) for m in conversation["messages"]]
        if not self.system and turns[0][0] == "system":
            (_, system), (role, first), *rest = turns
            turns = [(role, ["\n".join(system) + "\n" + first[0], *first[1:]]), *rest]
        switches = {}
        if "thinking" in conversation:
            switches = dict.fromkeys(("enable_thinking", "thinking", "reasoning"), conversation["thinking"])
        return self.render([self.message(role, t) for role, t in turns], **switches)


def texts(parts):
    """A message's texts, or the one text that it is with pictures in it."""
    if not any("picture" in p for p in parts):
        return [p["text"] for p in parts]
    whole, after_picture = "", False
    for p in parts:
        if "picture" in p:
            whole, after_picture = whole + MARKER, True
            continue
        if whole and not after_picture:
            whole += "\n"
        whole, after_picture = whole + p["text"], False
    return [whole]


def source(entry):
    (wheel,) = glob.glob(str(WHEELS / (entry["package"] + "-*.whl")))
    data = zipfile.ZipFile(wheel).read(entry["path"])
    if hashlib.sha256(data).hexdigest() != entry["sha256"]:
        raise SystemExit(f"{entry['path']} of {wheel} is not the one of manifest.json")
    return data.decode()


def main():
    conversations = json.loads((HERE / "conversations.json").read_text())
    references = {}
    for entry in json.loads((HERE / "manifest.json").read_text()):
        template, prompts = Template(source(entry)), {}
        for c in conversations:
            try:
                prompts[c["name"]] = template.prompt(c)
            except Exception as e:  # refused, and so by vlmchat
                prompts[c["name"]] = None
                print(f"{entry['name']}: {c['name']}: {e}")
        references[entry["name"]] = prompts
    (HERE / "references.json").write_text(json.dumps(references, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
