"""Keeps conversations as llm does, in the database that is named: by its own code, with
a model that says what it is told to.

    logs.py DATABASE fill CONVERSATIONS EXCHANGES
    logs.py DATABASE keep NUMBER

The first fills the database, without waiting for the disk; the second prints for each of
so many exchanges how long keeping it took, in ms. What is said comes as lines on the
standard input: a question, its answer, and so on."""

import sys
import time

import llm
import sqlite_utils
from llm.migrations import migrate


class Teller(llm.Model):
    model_id = "teller"
    can_stream = False

    def execute(self, prompt, stream, response, conversation):
        yield self.answer


def say(conversation, lines):
    question = next(lines).rstrip("\n")
    conversation.model.answer = next(lines).rstrip("\n")
    response = conversation.prompt(question, stream=False)
    response.text()
    return response


def main():
    db = sqlite_utils.Database(sys.argv[1])
    migrate(db)
    lines = iter(sys.stdin)
    if sys.argv[2] == "fill":
        db.execute("PRAGMA synchronous=off")
        for _ in range(int(sys.argv[3])):
            conversation = llm.models.Conversation(model=Teller())
            for _ in range(int(sys.argv[4])):
                say(conversation, lines).log_to_db(db)
        return
    conversation = llm.models.Conversation(model=Teller())
    for _ in range(int(sys.argv[3])):
        response = say(conversation, lines)
        began = time.perf_counter()
        response.log_to_db(db)
        print((time.perf_counter() - began) * 1000, flush=True)


main()
