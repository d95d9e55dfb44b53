// What stands on every page, and what others count with.

/** “1 次尝试”, “3 次尝试”: one word for any number, with its measure word before it. */
export const count = (number, noun) => `${number} ${noun}`;

export const sentences = {
  product: "Dubbelslot",
  page_title: (page) => `${page} – Dubbelslot`,

  between_sentences: "",
  language: "语言",

  "nav.label": "页面",
  "nav.account": "我的账户",
  "nav.overview": "概览",
  "nav.two_factor": "双重验证设置",
  "nav.versions": "版本",
  "nav.verifiers": "验证方式",
  "nav.users": "用户",
  "nav.locked": "已锁定的账户",
  "nav.audit": "审计日志",
  "nav.skip": "跳到正文",

  sign_out: "退出登录",
  signed_in_as: (name) => `当前用户：${name}`,
  cancel: "取消",
  close: "关闭",
  copy: "复制",
  copied: "已复制。",
  not_copied: "浏览器不允许复制，请自行选中文字。",
  more: "显示更多",
  "away.again": "重试",
  loading: "请稍候…",
  reason: "原因",
  "reason.hint": "会记入审计日志。",
  password: "密码",
  "password.reveal": "显示输入的内容",
  attempts_left: (left) => `还可以尝试 ${left} 次。`,
  retry_after: (seconds) =>
    seconds < 120
      ? `请在 ${seconds} 秒后重试。`
      : `请在 ${Math.ceil(seconds / 60)} 分钟后重试。`,
};
