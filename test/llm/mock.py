#!/usr/bin/env python3
"""A model's server that fails on command.

    mock.py DIR          serves until its standard input closes

Speaks OpenAI chat completions and embeddings, Anthropic messages and Ollama chat and embed, on raw
sockets, so that every byte of a response can be wrong. DIR receives `ports.json` once it listens,
`ca.pem` (a throwaway authority), and `bytes`, all that clients sent.

The control port takes lines of JSON, and answers each with one:

    {"do": [STEP, …]}        what the next calls get, one step each; afterwards {"always": STEP}
    {"always": STEP}         what every other call gets; {} is a good answer
    {"read": true}           {"calls": n, "connections": n, "bodies": [...], "paths": [...],
                              "times": [...]} since the last {"reset": true}
    {"reset": true}

A STEP says how a good answer is spoilt: {"text": …} is what the model says, "delay" seconds before
the answer, "status" and "headers" and "body" replace parts of the response, "fault": N is row N of
the table in faults.py, "envelope" is a JSON object merged into the reply's own.
"""
import base64
import json
import os
import select
import socket
import ssl
import struct
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import certificates  # noqa: E402
import faults  # noqa: E402
import replies  # noqa: E402


class Script:
    """What to do, and what was done; shared by all connections."""

    def __init__(self, directory):
        self.lock = threading.Lock()
        self.bytes = open(os.path.join(directory, "bytes"), "ab", buffering=0)
        self.queue, self.always = [], {}
        self.reset()

    def reset(self):
        self.calls, self.connections = 0, 0
        self.bodies, self.paths, self.times = [], [], []
        self.running, self.most_running = 0, 0

    def command(self, words):
        with self.lock:
            if "do" in words:
                self.queue = list(words["do"])
            if "always" in words:
                self.always = words["always"]
            if words.get("reset"):
                self.reset()
                self.queue, self.always = [], {}
            return {"calls": self.calls, "connections": self.connections, "paths": self.paths,
                    "bodies": self.bodies, "times": self.times, "most_running": self.most_running}

    def connected(self):
        """Faults of a connection happen before anything is read."""
        with self.lock:
            self.connections += 1
            step = self.queue[0] if self.queue else self.always
            if step.get("fault") in faults.AT_CONNECT:
                if self.queue:
                    self.queue.pop(0)
                self.calls += 1
                return step
        return None

    def called(self, path, body):
        with self.lock:
            self.calls += 1
            self.paths.append(path)
            self.bodies.append(body.decode("utf-8", "replace"))
            self.times.append(time.time())
            self.running += 1
            self.most_running = max(self.most_running, self.running)
            return self.queue.pop(0) if self.queue else self.always

    def answered(self):
        with self.lock:
            self.running -= 1

    def heard(self, data):
        self.bytes.write(data)


class Gone(Exception):
    """The client, or the connection, is no more."""


class Connection:
    def __init__(self, sock, script):
        self.sock, self.script, self.rest = sock, script, b""

    def receive(self):
        try:
            data = self.sock.recv(65536)
        except OSError:
            raise Gone
        if not data:
            raise Gone
        self.script.heard(data)
        self.rest += data

    def request(self):
        while b"\r\n\r\n" not in self.rest:
            self.receive()
            if self.rest[:1] == b"\x16":  # TLS, to a server that speaks none
                self.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
                self.close()
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        headers = {k.lower(): v.strip() for k, v in (x.split(":", 1) for x in lines[1:])}
        length = int(headers.get("content-length", 0))
        if headers.get("expect", "").lower() == "100-continue":
            self.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        while len(self.rest) < length:
            self.receive()
        body, self.rest = self.rest[:length], self.rest[length:]
        return lines[0].split(" ")[1], headers, body

    def send(self, data):
        try:
            self.sock.sendall(data)
        except OSError:
            raise Gone

    def is_gone(self):
        ready, _, _ = select.select([self.sock], [], [], 0)
        try:
            return bool(ready) and not self.sock.recv(1, socket.MSG_PEEK)
        except (OSError, ValueError):
            return bool(ready)

    def sleep(self, seconds):
        """Not longer than the client stays."""
        end = time.time() + seconds
        while time.time() < end:
            if self.is_gone():
                raise Gone
            time.sleep(min(0.01, max(0, end - time.time())))

    def reset(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()
        raise Gone

    def close(self):
        self.sock.close()
        raise Gone


def http(status, headers, body):
    lines = ["HTTP/1.1 %s" % status] + ["%s: %s" % item for item in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


def answer(connection, path, request, step):
    """The response to one request, spoilt as the step says."""
    if "delay" in step:
        connection.sleep(step["delay"])
    api = replies.api_of(path)
    if api is None:
        return connection.send(http("404 Not Found", [("Content-Length", 0)], b""))
    if request.get("stream") and "status" not in step and "body" not in step:
        chunks = replies.stream(api, request, step)
        kind = "application/x-ndjson" if api == "ollama" else "text/event-stream"
        if step.get("fault") in faults.STREAM:
            chunks = faults.STREAM[step["fault"]](api, chunks)
        connection.send(http("200 OK", [("Content-Type", kind), ("Transfer-Encoding", "chunked")], b""))
        for chunk in chunks:
            if isinstance(chunk, (int, float)):
                connection.sleep(chunk)
            elif chunk is None:
                connection.close()
            else:
                connection.send(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        return connection.send(b"0\r\n\r\n")
    body = replies.whole(api, path, request, step)
    if "body_base64" in step:
        body = base64.b64decode(step["body_base64"])
    if step.get("fault") in faults.RESPONSE:
        return faults.RESPONSE[step["fault"]](connection, body)
    headers = [("Content-Type", "application/json"), ("Content-Length", len(body))]
    headers += [tuple(header) for header in step.get("headers", [])]
    connection.send(http(step.get("status", "200 OK"), headers, body))


def serve(sock, script):
    connection = Connection(sock, script)
    try:
        step = script.connected()
        if step is not None:
            return faults.AT_CONNECT[step["fault"]](connection)
        while True:
            path, _, body = connection.request()
            step = script.called(path, body)
            try:
                answer(connection, path, json.loads(body), step)
            finally:
                script.answered()
    except (Gone, ValueError):
        pass
    finally:
        try:
            sock.close()
        except OSError:
            pass


def serve_tls(sock, script, context):
    """The handshake is part of what may go wrong, so it is done by the connection's own thread."""
    try:
        sock.settimeout(30)
        secure = context.wrap_socket(sock, server_side=True)
    except OSError:
        sock.close()
        return
    if secure.selected_alpn_protocol() == "h2":
        faults.serve_http2(secure, script)
    else:
        serve(secure, script)


def control(sock, script):
    with sock, sock.makefile("rw") as stream:
        for line in stream:
            stream.write(json.dumps(script.command(json.loads(line))) + "\n")
            stream.flush()


def listen(handler, *arguments, host="127.0.0.1"):
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((host, 0))
    server.listen(512)

    def loop():
        while True:
            sock, _ = server.accept()
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=handler, args=(sock,) + arguments, daemon=True).start()

    threading.Thread(target=loop, daemon=True).start()
    return server.getsockname()[1]


def main(directory):
    script = Script(directory)
    ports = {"http": listen(serve, script), "control": listen(control, script)}
    for name, context in certificates.contexts(directory).items():
        ports[name] = listen(serve_tls, script, context)
    ports["stalls"] = listen(lambda sock: time.sleep(3600) or sock)
    closed = socket.socket()
    closed.bind(("127.0.0.1", 0))  # bound and never listening: connections are refused
    ports["refuses"] = closed.getsockname()[1]
    path = os.path.join(directory, "ports.json")
    with open(path + ".new", "w") as file:
        json.dump(ports, file)
    os.rename(path + ".new", path)
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
