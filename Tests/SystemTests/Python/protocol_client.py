"""A client of the binary RPC, written from PROTOCOL.md alone: Python's standard library for the
socket, TLS and framing, protoc's classes for the messages.

    protocol_client.py MESSAGES HOST PORT AUTHORITY CERTIFICATE KEY SERVER_URI USER

MESSAGES is the folder of dubbelslot_pb2.py, made by protoc from dubbelslot.proto. The password
comes on the first line of standard input. Signs USER in, binds or proves a TOTP authenticator
(its secret comes on the second line when one is bound already), asks who is signed in, signs out,
and prints one JSON object about it.
"""

import base64
import hashlib
import hmac
import json
import os
import socket
import ssl
import struct
import sys
import time

HELLO, REQUEST, RESPONSE, FAULT, CANCEL, PING, PONG, GOAWAY = range(1, 9)
DEADLINE, REQUEST_ID, TRACE, BEARER = 1, 2, 4, 8


class Refused(Exception):
    """The server's stable word."""


class Client:
    def __init__(self, messages, host, port, authority, certificate, key, server_uri):
        self.messages = messages
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.check_hostname = False
        context.set_alpn_protocols(["dubbelslot/1"])
        context.load_verify_locations(authority)
        if certificate:
            context.load_cert_chain(certificate, key)
        self.socket = context.wrap_socket(socket.create_connection((host, port), 5))
        names = [v for k, v in self.socket.getpeercert()["subjectAltName"] if k == "URI"]
        assert names == [server_uri], names
        self.call_number = 0
        hello = messages.Hello(
            magic="dubbelslot-rpc", version_min=1, version_max=1, frame_bytes_max=65536, calls_max=8
        )
        self.send(HELLO, 0, 0, 0, hello.SerializeToString())
        kind, _, payload = self.receive()
        assert kind == HELLO, kind
        answer = messages.Hello.FromString(payload)
        assert answer.magic == "dubbelslot-rpc" and answer.version_min <= 1 <= answer.version_max

    def send(self, kind, flags, method, call, rest):
        head = struct.pack(">BBHI", kind, flags, method, call)
        self.socket.sendall(struct.pack(">I", len(head) + len(rest)) + head + rest)

    def exactly(self, count):
        parts = b""
        while len(parts) < count:
            part = self.socket.recv(count - len(parts))
            if not part:
                raise ConnectionError("the server closed the connection")
            parts += part
        return parts

    def receive(self):
        while True:
            (length,) = struct.unpack(">I", self.exactly(4))
            kind, _, _, call = struct.unpack(">BBHI", self.exactly(8))
            payload = self.exactly(length - 8)
            if kind == PING:
                self.send(PONG, 0, 0, 0, b"")
            elif kind == GOAWAY:
                raise ConnectionError(self.messages.GoAway.FromString(payload).reason)
            else:
                return kind, call, payload

    def call(self, number, request, response_type, bearer=None):
        self.call_number += 1
        fields = struct.pack(">I", 10_000) + os.urandom(16)
        flags = DEADLINE | REQUEST_ID
        if bearer:
            flags |= BEARER
            fields += bytes([len(bearer)]) + bearer.encode()
        self.send(REQUEST, flags, number, self.call_number, fields + request.SerializeToString())
        kind, call, payload = self.receive()
        assert call == self.call_number, call
        if kind == FAULT:
            raise Refused(self.messages.Fault.FromString(payload).word)
        assert kind == RESPONSE, kind
        return response_type.FromString(payload)


def totp(secret, moment):
    """RFC 6238 with SHA-1, 6 digits, 30 seconds."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(moment) // 30), hashlib.sha1)
    offset = digest[-1] & 15
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def sign_in(client, user, password, secret):
    """From the password to the session; returns it and the secret of the authenticator."""
    m = client.messages
    step = client.call(
        0x1001, m.StartSignIn(identifier=user, password=password, bearer=True), m.NextStep
    )
    while True:
        kind = step.WhichOneof("step")
        if kind == "signed_in":
            return step.signed_in.session, secret
        if kind == "bind":
            begin = m.BeginSignInBinding(
                ticket=step.bind.ticket, verifier=step.bind.verifiers[0].uid
            )
            secret = client.call(0x1002, begin, m.BindingStarted).totp.secret
            confirm = m.ConfirmSignInBinding(
                ticket=step.bind.ticket, code=totp(secret, time.time())
            )
            step = client.call(0x1003, confirm, m.NextStep)
        elif kind == "verify":
            prove = m.CompleteVerification(
                ticket=step.verify.ticket,
                authenticator=step.verify.authenticators[0].id,
                code=totp(secret, time.time()),
            )
            step = client.call(0x1004, prove, m.NextStep)
        elif kind == "change_password":
            change = m.ChangeSignInPassword(
                ticket=step.change_password.ticket, new_password=password + " and more"
            )
            step = client.call(0x1005, change, m.NextStep)
        else:
            raise ValueError(f"an unknown step: {kind}")


def main():
    folder, host, port, authority, certificate, key, server_uri, user = sys.argv[1:]
    sys.path.insert(0, folder)
    import dubbelslot_pb2 as m

    password = sys.stdin.readline().rstrip("\n")
    secret = sys.stdin.readline().rstrip("\n") or None
    report = {}
    try:
        client = Client(m, host, int(port), authority, certificate, key, server_uri)
        session, secret = sign_in(client, user, password, secret)
        account = client.call(0x1101, m.GetAccount(), m.AccountView, session.token)
        client.call(0x1108, m.SignOut(), m.SignedOut, session.token)
        after = client.call(0x1201, m.Introspect(token=session.token), m.Introspection)
        report = {
            "user": account.user_name,
            "aal": session.aal,
            "amr": list(session.amr),
            "activeAfterSignOut": after.active,
            "secret": secret,
        }
    except Refused as refusal:
        report = {"refused": str(refusal)}
    except (ssl.SSLError, ConnectionError) as error:
        report = {"cut": type(error).__name__}
    print(json.dumps(report))


if __name__ == "__main__":
    main()
