#!/usr/bin/env python3
"""Makes the databases in this folder, by the code of the programs whose they are.

    python3 -m venv old && old/bin/pip install llm==0.27.1 httpx
    python3 -m venv new && new/bin/pip install llm==0.36 oterm==0.26.1
    old/bin/python make.py llm-0.27.db
    new/bin/python make.py llm-0.36.db
    new/bin/python make.py oterm-0.26.db

llm answers by a model that is made here. make.go makes Ollama's.
"""
import asyncio
import base64
import hashlib
import os
import pathlib
import struct
import sys
import tempfile
import zlib


def png(r, g, b):
    """A picture of 8×8 pixels in one colour."""
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))
    rows = (b"\0" + bytes([r, g, b]) * 8) * 8
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def make_llm(path):
    import llm
    import sqlite_utils
    from llm.migrations import migrate

    class Says(llm.Model):
        model_id = "says"
        attachment_types = {"image/png"}

        def execute(self, prompt, stream, response, conversation=None):
            response.set_usage(input=12, output=3)
            pictures = "".join(f" {len(a.content or b'')} bytes" for a in prompt.attachments)
            yield f"You said {(prompt.prompt or '').splitlines()[-1]!r}.{pictures}"

    db = sqlite_utils.Database(path)
    migrate(db)
    model = Says()
    talk = llm.Conversation(model=model)
    for prompt, more in [
        ("What is this?", {"system": "Be brief.", "attachments": [
            llm.Attachment(type="image/png", content=png(255, 0, 0)),
            llm.Attachment(type="image/png", path="gone.png"),
            llm.Attachment(type="image/png", url="https://example.com/cat.png")]}),
        ("And its colour?", {}),
    ]:
        if more:
            pathlib.Path("gone.png").write_bytes(png(0, 255, 0))
        response = talk.prompt(prompt, **more)
        response.text()
        response.log_to_db(db)
    os.remove("gone.png")
    alone = model.prompt("Sum it up", fragments=["A long text.\nOf two lines."])
    alone.text()
    alone.log_to_db(db)
    db.execute("PRAGMA page_size=512")  # most of its tables are empty
    db.vacuum()


def make_oterm(path):
    from oterm.store.store import Store
    from oterm.types import ChatModel, MessageModel

    async def make():
        store = await Store.get_store()
        red, blue = (base64.b64encode(png(*c)).decode() for c in ((255, 0, 0), (0, 0, 255)))
        chat = await store.save_chat(ChatModel(name="Two discs", model="llava", system="Be brief."))
        for role, text, images in [
            ("user", "Is [Image #2] bluer than [Image #1] ?", [red, blue]), ("assistant", "Yes, the second.", []),
            ("user", "Sure?", []), ("assistant", "Quite.", []),
        ]:
            await store.save_message(MessageModel(chat_id=chat, role=role, text=text, images=images))
        chat = await store.save_chat(ChatModel(name="", model="gpt-4o", provider="openai-chat"))
        await store.save_message(MessageModel(chat_id=chat, role="user", text="Old", images=[red]))
        await store.save_chat(ChatModel(name="Nothing", model="llava"))
        return store.db_path

    asyncio.run(make())
    pathlib.Path(os.environ["OTERM_DATA_DIR"], "store.db").rename(path)


out = pathlib.Path(sys.argv[1]).resolve()
out.unlink(missing_ok=True)
os.chdir(tempfile.mkdtemp())
os.environ["OTERM_DATA_DIR"] = os.environ["LLM_USER_PATH"] = os.getcwd()
(make_oterm if out.name.startswith("oterm") else make_llm)(str(out))
print(out.name, out.stat().st_size, hashlib.sha256(out.read_bytes()).hexdigest()[:12])
