"""What can be wrong with a connection, a response, a stream: by the numbers of the table of faults.

AT_CONNECT faults happen before a request is read; RESPONSE faults have read it and get a good body
to spoil; STREAM faults get the chunks of a good stream and give others: bytes to send, a number of
seconds to wait, None to close the connection.
"""
import gzip
import json
import struct
import zlib

LONG = 600  # seconds; nobody waits that long


def head(*lines, status="200 OK"):
    return ("\r\n".join(("HTTP/1.1 " + status,) + lines) + "\r\n\r\n").encode()


def json_head(*lines):
    return head("Content-Type: application/json", *lines)


def length(body):
    return "Content-Length: %d" % len(body)


def sending(make):
    """A fault that is some bytes, then the end of the connection."""
    def fault(connection, body):
        connection.send(make(body))
        connection.close()
    return fault


def then(action):
    """A fault that is some bytes, then something else."""
    def wrap(make):
        def fault(connection, body):
            connection.send(make(body))
            action(connection)
        return fault
    return wrap


def dripping(make, delay):
    def fault(connection, body):
        for byte in make(body):
            connection.send(bytes([byte]))
            connection.sleep(delay)
        connection.close()
    return fault


def chunked(body):
    return b"%x\r\n%s\r\n" % (len(body), body)


def flood(connection, body):
    connection.send(json_head("Content-Length: 200000000"))
    for _ in range(200):
        connection.send(b" " * 1000000)
    connection.close()


def bomb(connection, body):
    packed = zlib.compressobj(9, zlib.DEFLATED, 31)
    head_bytes = packed.compress(b" ") + packed.flush(zlib.Z_FULL_FLUSH)
    # After a full flush a block stands alone, so that one can be sent many times.
    block = packed.compress(b" " * 1000000) + packed.flush(zlib.Z_FULL_FLUSH)
    data = head_bytes + 200 * block + packed.flush()
    connection.send(json_head("Content-Encoding: gzip", length(data)) + data)
    connection.close()


def continue_for_ever(connection, body):
    while True:
        connection.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        connection.sleep(0.05)


def redirect(status, where):
    return sending(lambda body: head("Location: " + where, "Content-Length: 0", status=status))


def hang(connection):
    connection.sleep(LONG)


def corrupt(data):
    return data[:20] + bytes(byte ^ 0xff for byte in data[20:40]) + data[40:]


AT_CONNECT = {
    5: lambda connection: connection.close(),
    6: lambda connection: connection.reset(),
}

RESPONSE = {
    14: redirect("302 Found", "http://169.254.169.254/latest/meta-data/"),
    15: redirect("302 Found", "file:///etc/passwd"),
    16: redirect("307 Temporary Redirect", "https://evil.example/v1/chat/completions"),
    17: redirect("302 Found", "/v1/chat/completions"),
    34: sending(lambda body: head("Content-Length: 0", status="204 No Content")),
    35: continue_for_ever,
    36: sending(lambda body: b"SSH-2.0-OpenSSH_9.2\r\n"),
    37: lambda connection, body: hang(connection),
    38: dripping(lambda body: json_head(length(body)) + body, 0.2),
    39: then(hang)(lambda body: json_head(length(body)) + body[:65]),
    40: dripping(lambda body: json_head(length(body)) + body, 0.2),
    44: then(lambda connection: (connection.sleep(0.05), connection.reset()))(
        lambda body: json_head(length(body)) + body[:65]),
    45: sending(lambda body: json_head("Content-Length: %d" % (len(body) + 1000)) + body[:-1]),
    46: sending(lambda body: json_head("Connection: close") + body[:30]),
    47: sending(lambda body: json_head("Content-Length: 10") + body),
    48: sending(lambda body: json_head(length(body), "Content-Length: %d" % (len(body) + 7)) + body),
    49: sending(lambda body: json_head("Transfer-Encoding: chunked", "Content-Length: 7")
                + chunked(body) + chunked(b"")),
    50: sending(lambda body: json_head("Transfer-Encoding: chunked") + b"ZZZ\r\n" + body),
    51: sending(lambda body: json_head("Transfer-Encoding: chunked") + chunked(body)),
    52: sending(lambda body: json_head("Content-Encoding: gzip", length(gzip.compress(body)))
                + gzip.compress(body)),
    53: bomb,
    54: sending(lambda body: json_head("Content-Encoding: gzip", "Connection: close")
                + gzip.compress(body)[:-60]),
    55: sending(lambda body: json_head("Content-Encoding: gzip", length(gzip.compress(body)))
                + corrupt(gzip.compress(body))),
    56: sending(lambda body: json_head("Content-Encoding: compress-42", length(body)) + body),
    57: flood,
    58: sending(lambda body: json_head("X-Large: " + "x" * 400000, length(body)) + body),
    61: sending(lambda body: head("Content-Type: text/html", length(body)) + body),
    65: sending(lambda body: json_head(length(body.decode().encode("utf-16")))
                + body.decode().encode("utf-16")),
}


def cut_anywhere(api, chunks):
    """One byte at a time, with the line ends changed for CRLF."""
    data = b"".join(chunks).replace(b"\n", b"\r\n")
    if api != "ollama":
        data = b": ping\r\n\r\n" + data
    return [data[i:i + 1] for i in range(len(data))]


def error_of(api):
    if api == "ollama":
        return b'{"error":"the runner has gone"}\n'
    body = json.dumps({"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}).encode()
    return b"event: error\ndata: " + body + b"\n\n"


STREAM = {
    96: cut_anywhere,
    97: cut_anywhere,
    98: lambda api, chunks: chunks[:2] + [None],
    99: lambda api, chunks: chunks[:2] + [error_of(api)],
    100: lambda api, chunks: chunks + [b"data: [DONE]\n\n", b'data: {"choices": "nonsense"}\n\n'],
    101: lambda api, chunks: [item for _ in range(10000) for item in (b": ping\n\n", 0.05)],
}


def frame(kind, flags, stream, payload):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def serve_http2(sock, script):
    """Enough of HTTP/2 to break it: rows 59 (GOAWAY) and 60 (RST_STREAM)."""
    headers, goaway, reset_stream, settings = 1, 7, 3, 4
    try:
        sock.sendall(frame(settings, 0, 0, b""))
        data = b""
        while True:
            received = sock.recv(65536)
            if not received:
                break
            script.heard(received)
            data += received
            if data.startswith(b"PRI * HTTP/2.0"):
                data = data[24:]
            while len(data) >= 9 and len(data) >= 9 + int.from_bytes(data[:3], "big"):
                kind, stream = data[3], int.from_bytes(data[5:9], "big")
                data = data[9 + int.from_bytes(data[:3], "big"):]
                if kind != headers:
                    continue
                step = script.called("h2", b"")
                script.answered()
                if step.get("fault") == 59:
                    sock.sendall(frame(goaway, 0, 0, struct.pack(">II", stream, 0)))
                    return
                sock.sendall(frame(reset_stream, 0, stream, struct.pack(">I", 2)))
    except OSError:
        pass
    finally:
        sock.close()
