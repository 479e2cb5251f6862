"""Good answers in the three protocols."""
import json


def api_of(path):
    for end, api in (("/chat/completions", "openai"), ("/messages", "anthropic"), ("/api/chat", "ollama"),
                     ("/embeddings", "openai"), ("/api/embed", "ollama")):
        if path.endswith(end):
            return api
    return None


def schema_of(request):
    """Where each protocol puts the schema of the answer."""
    if "response_format" in request:
        return request["response_format"]["json_schema"]["schema"]
    if "output_config" in request:
        return request["output_config"]["format"]["schema"]
    if "tools" in request:
        return request["tools"][0]["input_schema"]
    return request.get("format")


def sample(schema):
    """A small value that fits."""
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "object")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        return {name: sample(part) for name, part in schema.get("properties", {}).items()}
    if kind == "array":
        return [sample(schema.get("items", {"type": "string"}))] * max(1, schema.get("minItems", 1))
    return {"string": "text", "number": schema.get("minimum", 1), "integer": schema.get("minimum", 1),
            "boolean": True}.get(kind)


def text_of(request, step):
    if "text" in step:
        return step["text"]
    schema = schema_of(request)
    return json.dumps(sample(schema)) if schema else "Hello from the mock."


def whole(api, path, request, step):
    """The body of an answer; step["body"] replaces it, step["envelope"] is merged into it."""
    if "body" in step:
        return step["body"].encode()
    if path.endswith(("/embeddings", "/api/embed")):
        return embeddings(api, request)
    text = text_of(request, step)
    model = request.get("model")
    if api == "openai":
        reply = {"id": "chatcmpl-1", "object": "chat.completion", "model": model,
                 "choices": [{"index": 0, "finish_reason": "stop",
                              "message": {"role": "assistant", "content": text, "refusal": None}}],
                 "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120,
                           "prompt_tokens_details": {"cached_tokens": 10}}}
    elif api == "anthropic":
        block = {"type": "text", "text": text}
        if "tools" in request:
            block = {"type": "tool_use", "id": "toolu_1", "name": "reply", "input": json.loads(text)}
        reply = {"id": "msg_1", "type": "message", "role": "assistant", "model": model,
                 "content": [{"type": "thinking", "thinking": "hm", "signature": ""}, block],
                 "stop_reason": "tool_use" if "tools" in request else "end_turn",
                 "usage": {"input_tokens": 90, "cache_read_input_tokens": 10, "output_tokens": 20}}
    else:
        reply = {"model": model, "message": {"role": "assistant", "content": text}, "done": True,
                 "done_reason": "stop", "prompt_eval_count": 100, "eval_count": 20}
    reply.update(step.get("envelope", {}))
    if "choice" in step:
        reply["choices"][0].update(step["choice"])
    return json.dumps(reply).encode()


def embeddings(api, request):
    texts = request["input"]
    vectors = [[len(text) / 100, 0.5, -0.25] for text in texts]
    if api == "ollama":
        return json.dumps({"model": request["model"], "embeddings": vectors, "prompt_eval_count": 7}).encode()
    data = [{"object": "embedding", "index": i, "embedding": v} for i, v in enumerate(vectors)]
    return json.dumps({"object": "list", "model": request["model"], "data": data[::-1],
                       "usage": {"prompt_tokens": 7, "total_tokens": 7}}).encode()


def events(*objects):
    for name, body in objects:
        yield ((b"event: %s\n" % name.encode() if name else b"") + b"data: "
               + (body if isinstance(body, bytes) else json.dumps(body).encode()) + b"\n\n")


def stream(api, request, step):
    """The same as a list of chunks."""
    text, model = text_of(request, step), request.get("model")
    parts = [text[i:i + 5] for i in range(0, len(text), 5)]
    pause = step.get("pause", 0)
    if api == "openai":
        chunk = {"object": "chat.completion.chunk", "model": model}
        out = list(events(*[("", dict(chunk, choices=[{"index": 0, "delta": {"content": p}, "finish_reason": None}]))
                            for p in parts]))
        out += events(("", dict(chunk, choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}])),
                      ("", dict(chunk, choices=[], usage={"prompt_tokens": 100, "completion_tokens": 20})),
                      ("", b"[DONE]"))
    elif api == "anthropic":
        start = {"type": "message_start", "message": {"model": model, "usage": {"input_tokens": 100}}}
        out = list(events(("message_start", start), ("ping", {"type": "ping"}),
                          ("content_block_start", {"type": "content_block_start", "index": 0,
                                                   "content_block": {"type": "text", "text": ""}})))
        out += events(*[("content_block_delta", {"type": "content_block_delta", "index": 0,
                                                 "delta": {"type": "text_delta", "text": p}}) for p in parts])
        out += events(("message_delta", {"type": "message_delta", "delta": {"stop_reason": "end_turn"},
                                         "usage": {"output_tokens": 20}}),
                      ("message_stop", {"type": "message_stop"}))
    else:
        out = [json.dumps({"model": model, "message": {"role": "assistant", "content": p}, "done": False}).encode()
               + b"\n" for p in parts]
        out.append(json.dumps({"model": model, "message": {"role": "assistant", "content": ""}, "done": True,
                               "done_reason": "stop", "prompt_eval_count": 100, "eval_count": 20}).encode() + b"\n")
    if pause:
        out = [item for chunk in out for item in (chunk, pause)]
    return out
