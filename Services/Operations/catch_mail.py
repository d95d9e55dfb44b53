"""Of the profile `demo`: a mail server that prints every mail and delivers none.

    catch_mail.py SECRETS

SECRETS is the folder with its certificate, mail-catcher.pem and .key; mail has to come by TLS.
"""

import asyncio
import email
import email.policy
import ssl
import sys

from aiosmtpd.controller import Controller


class Catcher:
    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        body = mail.get_body(("plain",))
        print(f"To: {', '.join(envelope.rcpt_tos)}\nSubject: {mail['subject']}\n", flush=True)
        print(body.get_content() if body else "(no text)", flush=True)
        return "250 caught"


def main(secrets):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{secrets}/mail-catcher.pem", f"{secrets}/mail-catcher.key")
    Controller(
        Catcher(), hostname="0.0.0.0", port=2525, tls_context=context, require_starttls=True,
        enable_SMTPUTF8=True,
    ).start()
    asyncio.new_event_loop().run_forever()


main(sys.argv[1])
