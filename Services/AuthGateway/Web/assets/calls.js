// Calls of the gateway: the unary form of the Connect protocol, in JSON. The session is the
// browser's cookie, which no script can read.

const waitMilliseconds = 30_000;

/** After these the same may go well in a moment, without anything being done for it. */
export const passing = [
  "unreachable", "unavailable", "overloaded", "deadline_exceeded", "internal",
];

/** How far the server's clock is ahead of this device's, which may be wrong. */
let aheadMilliseconds = 0;

/** Seconds from now to a moment of the protocol, by the server's clock; whole ones. */
export function secondsUntil(timestamp) {
  return Math.ceil((Date.parse(timestamp) - Date.now() - aheadMilliseconds) / 1000);
}

/** The moment so many seconds from now, by the server's clock, as the protocol takes it. */
export function momentIn(seconds) {
  return new Date(Date.now() + aheadMilliseconds + 1000 * seconds).toISOString();
}

/** Why a call was refused. `word` is stable; PROTOCOL.md lists them. */
export class Refusal extends Error {
  constructor(word, { attemptsLeft, retryAfterSeconds } = {}) {
    super(word);
    this.word = word;
    this.attemptsLeft = attemptsLeft;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The answer to a method, for example `SignInService/Start`. Throws a `Refusal`. */
export async function call(method, message = {}) {
  let response;
  let answer;
  try {
    response = await fetch(`/dubbelslot.v1.${method}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(message),
      credentials: "same-origin",
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(waitMilliseconds),
    });
    const sent = Date.parse(response.headers.get("Date"));
    if (!Number.isNaN(sent)) aheadMilliseconds = sent - Date.now();
    answer = await response.json();
  } catch {
    // No answer, or one that is not ours: of a proxy before us, for example.
    if (!response) throw new Refusal("unreachable");
    throw new Refusal(response.ok ? "internal" : "unavailable");
  }
  if (response.ok) return answer;
  const told = answer?.details?.[0]?.debug ?? {};
  throw new Refusal(response.headers.get("Dubbelslot-Reason") ?? "internal", told);
}
