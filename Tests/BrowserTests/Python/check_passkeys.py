"""Passkeys of a browser, judged by a library of foreign making (webauthn of PyPI).

    check_passkeys.py ORIGIN CEREMONIES

CEREMONIES is a file with a JSON array of objects with `registration` and `authentication`, each
as the browser's own `toJSON()` wrote it. Prints the algorithm of each key, one per line; a
ceremony that is refused ends it with a traceback.
"""

import json
import pathlib
import sys
from urllib.parse import urlsplit

from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import base64url_to_bytes, decode_credential_public_key


def challenge(credential):
    client_data = json.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]))
    return base64url_to_bytes(client_data["challenge"])


origin = sys.argv[1]
for ceremony in json.loads(pathlib.Path(sys.argv[2]).read_text()):
    registration, authentication = ceremony["registration"], ceremony["authentication"]
    expected = {"expected_origin": origin, "expected_rp_id": urlsplit(origin).hostname}
    made = verify_registration_response(
        credential=registration,
        expected_challenge=challenge(registration),
        require_user_verification=True,
        **expected,
    )
    verify_authentication_response(
        credential=authentication,
        expected_challenge=challenge(authentication),
        credential_public_key=made.credential_public_key,
        credential_current_sign_count=made.sign_count,
        require_user_verification=True,
        **expected,
    )
    print(int(decode_credential_public_key(made.credential_public_key).alg))
