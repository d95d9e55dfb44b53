"""A receiver of text messages for tests, on a port of the loopback.

    webhook_server.py CERTIFICATE KEY SECRET

Prints "listening PORT", then for each message one line of JSON with what it says and whether its
signature is right by the Standard Webhooks specification: HMAC-SHA256 over "id.timestamp.body".
"""

import base64
import hashlib
import hmac
import http.server
import json
import ssl
import sys

certificate, key, secret = sys.argv[1:]
shared = base64.b64decode(secret.removeprefix("whsec_"))


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        signed = b".".join(
            [self.headers["webhook-id"].encode(), self.headers["webhook-timestamp"].encode(), body]
        )
        signature = base64.b64encode(hmac.digest(shared, signed, hashlib.sha256)).decode()
        is_right = hmac.compare_digest("v1," + signature, self.headers["webhook-signature"])
        report = json.loads(body)
        report["signed"] = is_right
        print(json.dumps(report), flush=True)
        answer = b"{}"
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
server.socket = context.wrap_socket(server.socket, server_side=True)
print("listening", server.server_address[1], flush=True)
server.serve_forever()
