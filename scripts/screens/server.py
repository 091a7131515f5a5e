#!/usr/bin/env python3
"""An OpenAI-compatible server for pictures of the screen: it says what it is asked
for, at a reader's pace, so that every state of the chat can be seen.

The last question decides: one with "table", "think", "slow", "limit" or "long" in it
gets the answer for that. It prints its address when it listens, on any free port.
"""
import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MARKDOWN = """## What the picture shows

The **bicycle** leans against a *blue* wall; a basket with three `lemons` hangs from its
handlebar.

| Object | Colour | Where |
|---|---|---|
| bicycle | dark green | left of the middle |
| lemons | yellow | in the basket |
| wall | blue | behind |

1. Read the file
2. Count what is yellow:

```python
import numpy as np
from PIL import Image

rgb = np.asarray(Image.open("photo.jpg").convert("RGB"), float)
yellow = (rgb[..., 0] > 180) & (rgb[..., 2] < 90)
print(f"{yellow.mean():.1%} of the picture is yellow")
```

> Shadows count as well; see [the manual](https://example.org/yellow).
"""

THOUGHT = "The question is about the number of lemons. I count the yellow round shapes: one at the left rim, one in the middle, and one half hidden behind the handle. So it is three, unless the fourth yellow spot is one as well; it is flat, so rather a reflection."

SHORT = "There are **three lemons** in the basket."


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, code, body):
        data = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        if self.path.endswith("/models"):
            self.answer(200, {"object": "list", "data": [{"id": n, "object": "model"} for n in (
                "lemon-vl-7b", "lemon-vl-72b", "plum-vision-mini", "quince-4b-thinking")]})
        else:
            self.answer(404, {"error": {"message": "no such path"}})

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        content = request["messages"][-1]["content"]
        if not isinstance(content, str):
            content = " ".join(p.get("text", "") for p in content)
        if "limit" in content:
            self.answer(429, {"error": {"message": "Too many requests for this key.", "code": "rate_limit_exceeded"}})
            return
        content = content.lower()
        thought = THOUGHT if "think" in content else ""
        text = MARKDOWN if "table" in content else SHORT
        pause = 0.3 if "slow" in content else 0.004
        if "long" in content:
            text = "\n\n".join(f"{i}. {SHORT}" for i in range(1, 200))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        words = 0
        try:
            for field, whole in (("reasoning_content", thought), ("content", text)):
                for piece in whole.split(" ") if whole else []:
                    words += 1
                    self.event({"choices": [{"index": 0, "delta": {field: piece + " "}, "finish_reason": None}]})
                    time.sleep(pause)
            self.event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
            self.event({"choices": [], "usage": {"prompt_tokens": 1180, "completion_tokens": words, "total_tokens": 1180 + words,
                                                 "prompt_tokens_details": {"cached_tokens": 1024}}})
            self.wfile.write(b"data: [DONE]\n\n")
        except (BrokenPipeError, ConnectionResetError):
            pass
        self.close_connection = True

    def event(self, fields):
        body = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "lemon-vl-7b", **fields}
        self.wfile.write(b"data: " + json.dumps(body).encode() + b"\n\n")
        self.wfile.flush()


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(f"http://127.0.0.1:{server.server_port}/v1", flush=True)
    server.serve_forever()
