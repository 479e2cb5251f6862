"""Certificates of a throwaway authority, good and bad, made with openssl."""
import os
import ssl
import subprocess


def run(directory, *words):
    subprocess.run(("openssl",) + words, cwd=directory, check=True, capture_output=True)


def make(directory, name, subject, days, authority="ca"):
    run(directory, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-keyout", name + ".key", "-out", name + ".csr", "-subj", "/CN=" + subject)
    with open(os.path.join(directory, name + ".ext"), "w") as file:
        file.write("subjectAltName=DNS:%s%s\n" % (subject, ",IP:127.0.0.1" if subject == "localhost" else ""))
    sign = ["-CA", authority + ".pem", "-CAkey", authority + ".key", "-CAcreateserial"]
    if authority == name:
        sign = ["-signkey", name + ".key"]
    run(directory, "x509", "-req", "-in", name + ".csr", "-out", name + ".pem", "-days", str(days),
        "-extfile", name + ".ext", *sign)


def context(directory, name):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(os.path.join(directory, name + ".pem"), os.path.join(directory, name + ".key"))
    return made


def contexts(directory):
    """Servers by name: tls is good; h2 too, and speaks HTTP/2."""
    run(directory, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=throwaway")
    make(directory, "tls", "localhost", 2)
    make(directory, "wrong_host", "elsewhere.example", 2)
    make(directory, "expired", "localhost", -1)
    make(directory, "self_signed", "localhost", 2, "self_signed")
    made = {name: context(directory, name) for name in ("tls", "wrong_host", "expired", "self_signed")}
    made["old_tls"] = context(directory, "tls")
    made["old_tls"].set_ciphers("ALL:@SECLEVEL=0")
    made["old_tls"].minimum_version = ssl.TLSVersion.TLSv1
    made["old_tls"].maximum_version = ssl.TLSVersion.TLSv1
    made["h2"] = context(directory, "tls")
    made["h2"].set_alpn_protocols(["h2"])
    return made
