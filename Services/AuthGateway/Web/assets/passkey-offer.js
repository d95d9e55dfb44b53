// Passkeys among what the browser offers in a field (WebAuthn Level 3, mediation "conditional"):
// from when the page is ready until somebody signs in another way. Nothing is told of it where
// there are none, or where nobody takes one.

import { call, Refusal, secondsUntil } from "./calls.js";
import { provePasskey } from "./passkeys.js";

/** A challenge is replaced this long before it would be too late for it. */
const spareSeconds = 30;
/** How often in a row it begins anew after it came to nothing. */
const failuresMax = 3;

let offer = new AbortController();
/** Settles when the browser asks nothing any more: it holds one such question at a time. */
let asking = Promise.resolve();

/**
 * Begins, in the place of what was begun before. `take(ticket, passkey)` gets what was chosen, and
 * returns whether it led on.
 */
export async function offerInField(take) {
  offer.abort();
  offer = new AbortController();
  const { signal } = offer;
  await asking;
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  for (let failures = 0; failures < failuresMax && !signal.aborted; ) {
    const begun = await begin();
    if (!begun || signal.aborted) return;
    const isOver = AbortSignal.timeout((secondsUntil(begun.expiresAt) - spareSeconds) * 1000);
    const passkey = await ask(begun.passkey, AbortSignal.any([signal, isOver]));
    if (signal.aborted || (passkey && (await take(begun.ticket, passkey)))) return;
    if (!isOver.aborted) failures += 1;
    await untilVisible();
  }
}

/** Returns when the browser can be asked for a passkey in another way. */
export function stopOffering() {
  offer.abort();
  return asking;
}

/** Undefined where none can be had now: the other ways to sign in are all there. */
async function begin() {
  try {
    return await call("SignInService/BeginPasskey");
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return undefined;
  }
}

/** Undefined when none was chosen. */
function ask(request, signal) {
  const answer = provePasskey(request, { mediation: "conditional", signal }).catch((error) => {
    if (!(error instanceof Refusal)) throw error;
    return undefined;
  });
  asking = answer;
  return answer;
}

/** A page that nobody sees asks for no challenges. */
function untilVisible() {
  if (document.visibilityState === "visible") return undefined;
  return new Promise((isVisible) => {
    document.addEventListener("visibilitychange", isVisible, { once: true });
  });
}
