// Verifiers.

import { count } from "./every-page.js";

export const sentences = {
  "verifiers.title": "Verifiers",
  "verifiers.why": "What users can bind. The two-factor settings choose among them.",
  "verifiers.none": "There is no verifier yet.",
  "verifiers.add": "Add a verifier",
  "verifiers.delete": "Delete the selected",
  "verifiers.select": (title) => `Select ${title}`,
  "verifiers.select_some": "Select what to delete first.",
  "verifiers.edit": "Edit",
  "verifiers.edit_named": (title) => `Edit ${title}`,
  "verifiers.uid": "uid",
  "verifiers.uid_hint": "Letters, digits, _ and -. Fixed once made; random when left empty.",
  "verifiers.type": "Type",
  "verifiers.name": "Title",
  "verifiers.description": "Description",
  "verifiers.issuer": "Issuer",
  "verifiers.issuer_hint":
    "What authenticator apps show beside the account; the installation's name when left empty.",
  "verifiers.user_verification": "The device must verify its user, by PIN or fingerprint",
  "verifiers.attestation": "Ask for the maker of the device, and check what it states",
  "verifiers.digits": "Digits of a code",
  "verifiers.provider": "Provider",
  "verifiers.secret_kept":
    "It is set. Leave it empty to keep it; with another account or address it is needed again.",
  "verifiers.test": "Test",
  "verifiers.test_named": (title) => `Send a test message by ${title}`,
  "verifiers.test_title": (title) => `Send a test message: ${title}`,
  "verifiers.test_why":
    "It holds no real code. What the provider answers to the letter stands in the log of the "
    + "verification service.",
  "verifiers.test_submit": "Send",
  "verifiers.tested": (title, receiver) =>
    `${title} works: a test message to ${receiver} was taken for delivery.`,
  "verifiers.bindings": (number) =>
    number === 0 ? "bound by nobody" : `bound ${number === 1 ? "once" : `${number} times`}`,
  "verifiers.in_use": "in use by the two-factor settings",
  "verifiers.in_use_by": (rule) => `in use by the rule ${rule}`,
  "verifiers.not_in_use": "not in use",
  "verifiers.add_title": "Add a verifier",
  "verifiers.edit_title": (title) => `Edit: ${title}`,
  "verifiers.save": "Save",
  "verifiers.saved": (title) => `${title} is saved.`,
  "verifiers.saved_new": (title) =>
    `${title} is saved. Users can bind it once it is chosen in the two-factor settings.`,
  "verifiers.delete_title": (number) => `Delete ${count(number, "verifier", "verifiers")}?`,
  "verifiers.delete_bindings": (number) =>
    `Users lose what they have bound: ${count(number, "binding", "bindings")}.`,
  "verifiers.delete_used": (titles) =>
    `In use, and refused until taken out of the two-factor settings and rules: ${titles}`,
  "verifiers.delete_submit": "Delete",
  "verifiers.deleted": (number, bindings) =>
    `${number === 1 ? "One verifier is" : `${number} verifiers are`} deleted`
    + (bindings === 0 ? "." : `, and ${count(bindings, "binding", "bindings")} with them.`),

  "about.totp": "An app on a phone or a computer shows a new code every 30 seconds.",
  "about.sms":
    "A code is sent to a phone number. It costs money, and can be intercepted: offer something "
    + "stronger beside it.",
  "about.email":
    "A code is sent to an e-mail address. The weakest kind: whoever reads the mail has it.",
  "about.passkey":
    "Kept by a device or a security key, and opened by a PIN or a fingerprint. It withstands "
    + "phishing.",

  "provider.aliyun": "Alibaba Cloud",
  "provider.tencent": "Tencent Cloud",
  "provider.twilio": "Twilio",
  "provider.webhook": "An address of your own (webhook)",
  "provider.sign": "Signature",
  "provider.template": "Template",
  "provider.endpoint": "Endpoint",
  "provider.usual": (host) => `A host name; ${host} when left empty.`,

  "aliyun.access_key_id": "AccessKey ID",
  "aliyun.access_key_secret": "AccessKey secret",
  "aliyun.template_hint": "The code of a registered template with the parameter code.",

  "tencent.secret_id": "SecretId",
  "tencent.secret_key": "SecretKey",
  "tencent.region": "Region",
  "tencent.region_hint": "Such as ap-guangzhou.",
  "tencent.application": "Application (SmsSdkAppId)",
  "tencent.template_hint": "The number of a registered template; the code is its only parameter.",

  "twilio.account": "Account SID",
  "twilio.token": "Auth token",
  "twilio.from": "Sender's number",
  "twilio.from_hint": "Either this or a messaging service.",
  "twilio.service": "Messaging service SID",

  "webhook.url": "URL",
  "webhook.url_hint": "By https only. Calls are signed by the Standard Webhooks specification.",
  "webhook.secret": "Secret",
  "webhook.secret_hint": "whsec_ and 24 to 64 octets in base64.",
};
