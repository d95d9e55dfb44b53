// Passkeys (WebAuthn Level 3): what the browser is asked, and what the gateway is told of the
// answer. Nothing is judged here.

import { Refusal } from "./calls.js";

/** Without a secure context, or in an old browser, there are none. */
export const hasPasskeys = "parseRequestOptionsFromJSON" in (window.PublicKeyCredential ?? {});

/** A new passkey, for PasskeyRequest; returns PasskeyAttestation. */
export async function createPasskey({ options }) {
  const { id, response } = await answer(() => {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(JSON.parse(options));
    return navigator.credentials.create({ publicKey });
  });
  const { clientDataJSON, attestationObject, transports } = response;
  return { id, clientDataJson: clientDataJSON, attestationObject, transports };
}

/**
 * The proof of a passkey, for PasskeyRequest; returns PasskeyAssertion. `how` may say that it is
 * only offered in a field, and hold the signal that ends this.
 */
export async function provePasskey({ options }, how = {}) {
  const { id, response } = await answer(() => {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(options));
    return navigator.credentials.get({ publicKey, ...how });
  });
  const { clientDataJSON, authenticatorData, signature, userHandle } = response;
  return { id, clientDataJson: clientDataJSON, authenticatorData, signature, userHandle };
}

async function answer(ask) {
  if (!hasPasskeys) throw new Refusal("passkeys_unsupported");
  try {
    return (await ask()).toJSON();
  } catch ({ name }) {
    // The one tells that the device holds a passkey of this account already; of all else a
    // browser says no more than that there is none.
    throw new Refusal(name === "InvalidStateError" ? "passkey_known" : "passkey_given_up");
  }
}
