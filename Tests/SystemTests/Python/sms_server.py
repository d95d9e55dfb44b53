"""Something that sends text messages for tests: a webhook of foreign making on the loopback.

    sms_server.py CERTIFICATE KEY SECRET

Prints "listening PORT", then for each message that it has taken one line of JSON with its fields.
It takes only what is signed by the Standard Webhooks specification (version 1) with SECRET, in
the form whsec_BASE64, refuses numbers that end with 00 and has had too many of those with 99.
"""

import base64
import hashlib
import hmac
import http.server
import json
import ssl
import sys
import time

certificate, key, secret = sys.argv[1:4]
signing_key = base64.b64decode(secret.removeprefix("whsec_"))


def is_signed(headers, body):
    name, sent = headers["webhook-id"], headers["webhook-timestamp"]
    if abs(time.time() - int(sent)) > 300:
        return False
    signed = f"{name}.{sent}.".encode() + body
    code = base64.b64encode(hmac.digest(signing_key, signed, hashlib.sha256)).decode()
    return f"v1,{code}" in headers["webhook-signature"].split()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not is_signed(self.headers, body):
            return self.answer(401, {"error": "signature"})
        message = json.loads(body)
        if message["receiver"].endswith("00"):
            return self.answer(400, {"error": "invalid_receiver"})
        if message["receiver"].endswith("99"):
            return self.answer(400, {"error": "rate_limited"})
        print(json.dumps(message), flush=True)
        return self.answer(200, {"messageId": message["messageId"]})

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.socket = context.wrap_socket(server.socket, server_side=True)
print("listening", server.server_address[1], flush=True)
server.serve_forever()
