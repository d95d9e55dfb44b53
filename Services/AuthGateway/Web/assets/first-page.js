// Where an administrator goes after his first sign-in.

import { call, Refusal } from "./calls.js";
import { ownSession } from "./session.js";

/**
 * To the settings, as long as not everybody is asked for a second factor; undefined for whoever
 * goes where everybody does.
 */
export async function firstPage() {
  try {
    const { roles = [] } = await ownSession();
    if (!roles.includes("administrator")) return undefined;
    const { enforcement } = await call("AdminService/GetTwoFactorSettings");
    return enforcement === "everyone" ? undefined : "/admin/two-factor?first-start";
  } catch (error) {
    // Signed in he is; the settings are a page away.
    if (!(error instanceof Refusal)) throw error;
    return undefined;
  }
}
