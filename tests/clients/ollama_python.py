"""Drives the official Python client against Ollama servers, real or simulated.

Usage: python ollama_python.py URL...

Needs the packages `ollama` and `pydantic`. Uses the first models of the first server that have
the capabilities it needs. Prints `ok NAME` for each check and exits with 1 at the first that
fails.
"""

import asyncio
import sys

import ollama
from pydantic import BaseModel


class Risk(BaseModel):
    risk: str
    severity: int


class Report(BaseModel):
    title: str
    go: bool
    risks: list[Risk]


def weather(city: str, days: int) -> str:
    """Tells the weather.

    Args:
      city: Where.
      days: For how long.
    """
    return f"rain in {city} for {days} days"


def expect(truth, what):
    if not truth:
        raise AssertionError(what)


def ask(text):
    return [{"role": "user", "content": text}]


class Checks:
    def __init__(self, url):
        self.url = url
        self.client = ollama.Client(host=url)
        self.models = self.find_models()

    def find_models(self):
        found = {}
        for model in self.client.list().models:
            for capability in self.client.show(model.model).capabilities:
                found.setdefault(capability, model.model)
        return found

    def list(self):
        listed = self.client.list().models
        expect(listed, "there are models")
        for model in listed:
            expect(":" in model.model, "a name has a tag")
            expect(len(model.digest) == 64, "a digest has 64 digits")
            expect(model.size > 0, "a model has a size")
            expect(model.modified_at is not None, "a model has a date")
            expect(model.details.family, "a model has a family")

    def show(self):
        shown = self.client.show(self.models["completion"])
        expect("completion" in shown.capabilities, "the model completes")
        family = shown.modelinfo["general.architecture"]
        expect(shown.modelinfo[f"{family}.context_length"] > 0, "the window is known")
        expect(shown.details.format == "gguf", "the format is known")

    def chat(self):
        answer = self.client.chat(self.models["completion"], ask("What is tea?"))
        expect(answer.message.role == "assistant", "the assistant speaks")
        expect(answer.message.content, "there is an answer")
        expect(answer.done and answer.done_reason == "stop", "the answer is finished")
        expect(answer.model == self.models["completion"], "the model is echoed")
        parts = answer.load_duration + answer.prompt_eval_duration + answer.eval_duration
        expect(answer.total_duration >= parts, "the durations add up")
        expect(answer.prompt_eval_count > 0 and answer.eval_count > 0, "tokens are counted")

    def ps(self):
        self.client.chat(self.models["completion"], ask("Hello."), keep_alive="10m")
        loaded = {model.model: model for model in self.client.ps().models}
        model = loaded[self.models["completion"]]
        expect(model.expires_at is not None, "the model has an end")
        expect(model.context_length > 0, "the model has a window")

    def chat_streamed(self):
        options = {"seed": 7, "temperature": 0}
        model = self.models["completion"]
        chunks = list(self.client.chat(model, ask("What is tea?"), stream=True, options=options))
        expect(len(chunks) > 2, "there are several chunks")
        expect(not any(chunk.done for chunk in chunks[:-1]), "only the last chunk is done")
        expect(chunks[-1].done and chunks[-1].eval_count > 0, "the last chunk has the figures")
        text = "".join(chunk.message.content for chunk in chunks)
        whole = self.client.chat(model, ask("What is tea?"), options=options)
        expect(text == whole.message.content, "chunks and whole answer are the same")

    def chat_structured(self):
        answer = self.client.chat(
            self.models["completion"],
            ask("Report on the launch."),
            format=Report.model_json_schema(),
        )
        report = Report.model_validate_json(answer.message.content)
        expect(isinstance(report.go, bool), "the report has a decision")

    def chat_tools(self):
        model = self.models["tools"]
        messages = ask("What is the weather in Ulm?")
        answer = self.client.chat(model, messages, tools=[weather])
        calls = answer.message.tool_calls
        expect(calls and calls[0].function.name == "weather", "the tool is called")
        result = weather(**calls[0].function.arguments)
        messages += [
            answer.message,
            {"role": "tool", "tool_name": "weather", "content": result},
        ]
        answer = self.client.chat(model, messages, tools=[weather])
        expect(answer.message.content, "the result is answered with text")
        chunks = list(self.client.chat(model, messages[:1], tools=[weather], stream=True))
        called = [call for chunk in chunks for call in chunk.message.tool_calls or []]
        expect(called, "the tool is called in a stream")

    def chat_thinking(self):
        if "thinking" not in self.models:
            return
        answer = self.client.chat(self.models["thinking"], ask("Think."), think=True)
        expect(answer.message.thinking, "there is thinking")
        answer = self.client.chat(self.models["thinking"], ask("Think."), think=False)
        expect(not answer.message.thinking, "there is no thinking")

    def generate(self):
        model = self.models["completion"]
        answer = self.client.generate(model, "Name three teas.", system="Be brief.")
        expect(answer.response and answer.done, "there is a response")
        expect(answer.context, "there is a context")
        chunks = list(self.client.generate(model, "Name three teas.", stream=True))
        expect(chunks[-1].done and len(chunks) > 2, "there is a stream")
        cut = self.client.generate(model, "Name three teas.", options={"num_predict": 3})
        expect(cut.done_reason == "length" and cut.eval_count <= 3, "the limit holds")

    def embed(self):
        model = self.models["embedding"]
        both = self.client.embed(model, ["tea", "coffee"])
        expect(len(both.embeddings) == 2, "there are two vectors")
        norm = sum(number * number for number in both.embeddings[0])
        expect(abs(norm - 1) < 1e-3, "vectors have length one")
        expect(both.prompt_eval_count > 0, "tokens are counted")
        one = self.client.embed(model, "tea", dimensions=8)
        expect(len(one.embeddings[0]) == 8, "vectors are cut")
        old = self.client.embeddings(model, "tea")
        expect(len(old.embedding) == len(both.embeddings[0]), "the old route answers")

    def load_and_unload(self):
        model = self.models["completion"]
        expect(self.client.chat(model).done_reason == "load", "the model is loaded")
        answer = self.client.generate(model, keep_alive=0)
        expect(answer.done_reason == "unload", "the model is unloaded")
        names = [loaded.model for loaded in self.client.ps().models]
        expect(model not in names, "the model is gone")

    def errors(self):
        model = self.models["completion"]
        for status, call in [
            (404, lambda: self.client.chat("no-such-model", ask("Hello."))),
            (404, lambda: list(self.client.chat("no-such-model", ask("Hello."), stream=True))),
            (404, lambda: self.client.show("no-such-model")),
            (404, lambda: self.client.embed("no-such-model", "tea")),
            (400, lambda: self.client.chat("a b", ask("Hello."))),
            (400, lambda: self.client.chat(self.models["embedding"], ask("Hello."))),
            (500, lambda: self.client.chat(model, ask("Hello."), options={"num_ctx": "big"})),
            (500, lambda: list(self.client.pull("no-such-model", stream=False))),
        ]:
            try:
                call()
            except ollama.ResponseError as error:
                expect(error.status_code == status, f"{error.status_code} is {status}")
                expect(error.error, "the error has a text")
            else:
                raise AssertionError(f"an error with status {status}")
        try:
            list(self.client.pull("no-such-model", stream=True))
        except ollama.ResponseError as error:
            expect("manifest" in error.error, "the stream names its error")
        else:
            raise AssertionError("an error in the stream")

    def copy_and_delete(self):
        self.client.copy(self.models["completion"], "partita-check-copy")
        names = [model.model for model in self.client.list().models]
        expect("partita-check-copy:latest" in names, "the copy is listed")
        self.client.delete("partita-check-copy")
        names = [model.model for model in self.client.list().models]
        expect("partita-check-copy:latest" not in names, "the copy is gone")

    def parallel(self):
        async def run():
            client = ollama.AsyncClient(host=self.url)
            model = self.models["completion"]
            whole = [client.chat(model, ask(f"Question {number}?")) for number in range(20)]
            return await asyncio.gather(*whole)

        answers = asyncio.run(run())
        expect(len(answers) == 20, "there are twenty answers")
        expect(all(answer.done for answer in answers), "all are finished")
        expect(len({answer.message.content for answer in answers}) > 10, "they differ")

    def parallel_streams(self):
        async def one(client, number):
            parts = await client.chat(
                self.models["completion"], ask(f"Question {number}?"), stream=True
            )
            return [part async for part in parts]

        async def run():
            client = ollama.AsyncClient(host=self.url)
            return await asyncio.gather(*(one(client, number) for number in range(20)))

        for parts in asyncio.run(run()):
            expect(parts[-1].done, "a stream is finished")


CHECKS = [
    "list",
    "show",
    "chat",
    "ps",
    "chat_streamed",
    "chat_structured",
    "chat_tools",
    "chat_thinking",
    "generate",
    "embed",
    "load_and_unload",
    "errors",
    "copy_and_delete",
    "parallel",
    "parallel_streams",
]


def main():
    urls = sys.argv[1:]
    if not urls:
        print(__doc__, file=sys.stderr)
        return 2
    for url in urls:
        checks = Checks(url)
        for name in CHECKS:
            try:
                getattr(checks, name)()
            except Exception as error:  # the first failure ends the run, whatever it is
                print(f"failed {url} {name}: {type(error).__name__}: {error}", file=sys.stderr)
                return 1
            print(f"ok {url} {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
