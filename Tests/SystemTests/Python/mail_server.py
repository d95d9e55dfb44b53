"""A mail server for tests, of foreign making (aiosmtpd), on a port of the loopback.

    mail_server.py CERTIFICATE KEY [tls | starttls]

Prints "listening PORT", then for each mail one line of JSON with its envelope and what Python's
own parser reads in it. It takes mail from `mailer` with the password `secret` only, refuses
receivers that begin with `reject` and puts off those that begin with `grey`.
"""

import asyncio
import email
import email.policy
import json
import socket
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("reject"):
            return "550 5.1.1 no such user"
        if address.startswith("grey"):
            return "451 4.7.1 try later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        parts = list(message.iter_parts())
        report = {
            "sender": envelope.mail_from,
            "receivers": envelope.rcpt_tos,
            "sealed": server.transport.get_extra_info("ssl_object") is not None,
            "utf8": bool(envelope.smtp_utf8),
            "fields": [[name, str(value)] for name, value in message.items()],
            "names": [a.display_name for field in ("From", "To") for a in message[field].addresses],
            "kinds": [part.get_content_type() for part in parts],
            "texts": [part.get_content().replace("\r\n", "\n") for part in parts],
            "defects": [str(d) for part in [message, *parts] for d in part.defects],
            "widest": max(len(line) for line in envelope.content.split(b"\r\n")),
            "bare": envelope.content.replace(b"\r\n", b"").count(b"\n"),
        }
        print(json.dumps(report), flush=True)
        return "250 2.0.0 taken"


def authenticate(server, session, envelope, mechanism, data):
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (
        b"mailer",
        b"secret",
    )
    return AuthResult(success=right, handled=False, auth_data=data if right else None)


async def serve(certificate, key, protection):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    implicit = protection == "tls"

    def connection():
        return SMTP(
            Handler(),
            hostname="mail.example",
            enable_SMTPUTF8=True,
            authenticator=authenticate,
            auth_required=True,
            auth_require_tls=not implicit,
            tls_context=None if implicit else context,
            require_starttls=not implicit,
        )

    listener = socket.create_server(("127.0.0.1", 0))
    server = await asyncio.get_running_loop().create_server(
        connection, sock=listener, ssl=context if implicit else None
    )
    print("listening", listener.getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(serve(*sys.argv[1:4]))
