// What a verifier of each type is told, as fields of a form, and what those say. Secrets go one
// way: none is ever shown, and an empty one keeps what there is.

import { field, make, tick } from "./elements.js";
import { text } from "./sentences.js";

/** The types that can be set up. */
export const types = ["totp", "sms", "email", "passkey"];

const providerNames = {
  aliyun: "provider.aliyun",
  tencent: "provider.tencent",
  twilio: "provider.twilio",
  webhook: "provider.webhook",
};

/** What each provider wants to be told, under the names of the protocol. */
const providers = {
  aliyun: [
    { name: "accessKeyId", label: "aliyun.access_key_id", maxlength: 128 },
    { name: "accessKeySecret", label: "aliyun.access_key_secret", isSecret: true },
    { name: "sign", label: "provider.sign", maxlength: 128 },
    { name: "template", label: "provider.template", hint: "aliyun.template_hint", maxlength: 128 },
    { name: "endpoint", label: "provider.endpoint", usual: "dysmsapi.aliyuncs.com" },
  ],
  tencent: [
    { name: "secretId", label: "tencent.secret_id", maxlength: 128 },
    { name: "secretKey", label: "tencent.secret_key", isSecret: true },
    { name: "region", label: "tencent.region", hint: "tencent.region_hint", maxlength: 64 },
    { name: "smsSdkAppId", label: "tencent.application", maxlength: 64 },
    { name: "signName", label: "provider.sign", maxlength: 128 },
    {
      name: "templateId",
      label: "provider.template",
      hint: "tencent.template_hint",
      maxlength: 64,
    },
    { name: "endpoint", label: "provider.endpoint", usual: "sms.tencentcloudapi.com" },
  ],
  twilio: [
    { name: "accountSid", label: "twilio.account", maxlength: 64 },
    { name: "authToken", label: "twilio.token", isSecret: true },
    {
      name: "from",
      label: "twilio.from",
      hint: "twilio.from_hint",
      type: "tel",
      maxlength: 32,
      isOptional: true,
    },
    { name: "messagingServiceSid", label: "twilio.service", maxlength: 64, isOptional: true },
  ],
  webhook: [
    { name: "url", label: "webhook.url", hint: "webhook.url_hint", type: "url", maxlength: 512 },
    { name: "secret", label: "webhook.secret", hint: "webhook.secret_hint", isSecret: true },
  ],
};

/** The fields of one type, which are sent as a part of their own. */
export function fieldsOf(type, verifier = {}) {
  const settings = verifier[type] ?? {};
  if (type === "sms") return smsFields(settings);
  if (type === "email") return [digitsField(settings.codeDigits ?? 8)];
  if (type === "passkey") {
    return [
      flag("userVerification", text("verifiers.user_verification"), settings.userVerification),
      flag("attestation", text("verifiers.attestation"), settings.attestation),
    ];
  }
  return [
    field(text("verifiers.issuer"), {
      name: "issuer",
      value: settings.issuer,
      hint: text("verifiers.issuer_hint"),
      maxlength: 32,
      autocomplete: "off",
    }),
  ];
}

/** What the fields of one type say. */
export function settingsOf(type, data) {
  if (type === "totp") return { totp: { issuer: data.issuer } };
  if (type === "passkey") {
    return {
      passkey: {
        userVerification: data.userVerification === "on",
        attestation: data.attestation === "on",
      },
    };
  }
  const codeDigits = Number(data.codeDigits);
  if (type === "email") return { email: { codeDigits } };
  const own = providers[data.provider].map(({ name }) => [name, data[name]]);
  return { sms: { codeDigits, [data.provider]: Object.fromEntries(own) } };
}

const flag = (name, label, isOn) => tick(label, { type: "checkbox", name, checked: isOn });

/** One of several, without a field that could be empty. */
function select(label, name, options, chosen) {
  return field(
    label,
    { tag: "select", name },
    ...options.map(({ value, label: shown }) =>
      make("option", { value, selected: value === chosen }, shown),
    ),
  );
}

function digitsField(chosen) {
  const options = [6, 7, 8].map((value) => ({ value, label: String(value) }));
  return select(text("verifiers.digits"), "codeDigits", options, chosen);
}

/** Beside a provider that is set up already its secret may stay empty, beside others not. */
function smsFields(settings) {
  const names = Object.keys(providerNames);
  const current = names.find((it) => settings[it]);
  const own = make("div");
  const show = (provider) =>
    own.replaceChildren(
      // Whose secret it is, for password managers.
      make("input", {
        class: "unseen",
        autocomplete: "username",
        value: text(providerNames[provider]),
        tabindex: "-1",
        "aria-hidden": "true",
        readonly: true,
      }),
      ...providers[provider].map((it) => providerField(it, settings[provider])),
    );
  const choice = select(
    text("verifiers.provider"),
    "provider",
    names.map((value) => ({ value, label: text(providerNames[value]) })),
    current,
  );
  choice.addEventListener("change", ({ target }) => show(target.value));
  show(current ?? names[0]);
  return [choice, own, digitsField(settings.codeDigits ?? 6)];
}

function providerField(known, stored) {
  const { name, label, hint, usual, isSecret, isOptional, type, maxlength = 256 } = known;
  const isKept = Boolean(isSecret && stored);
  const hints = [
    hint && text(hint),
    usual && text("provider.usual", usual),
    isKept && text("verifiers.secret_kept"),
  ];
  return field(text(label), {
    name,
    type: isSecret ? "password" : type,
    // No secret of ours is one that a browser should fill in.
    autocomplete: isSecret ? "new-password" : "off",
    autocapitalize: "none",
    spellcheck: "false",
    value: isSecret ? undefined : stored?.[name],
    hint: hints.filter(Boolean).join(text("between_sentences")) || undefined,
    maxlength,
    required: !(usual || isOptional || isKept),
  });
}
