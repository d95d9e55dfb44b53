// What comes after the first step of a sign-in.

export const sentences = {
  "hand_over.title": "正在前往你要访问的页面",

  "sign_in.cancel": "取消登录",
  "sign_in.canceled": "已取消登录。",

  "sign_up.title": "注册账户",
  "sign_up.why": "请输入你的邮箱，我们会把继续注册的链接发到那里。",
  "sign_up.submit": "发送链接",
  "sign_up.sent_title": "请查收邮件",
  "sign_up.sent": (email) =>
    `邮件正在发往 ${email}，其中的链接一天内有效。几分钟后仍未收到？请检查垃圾邮件，然后重试。`,
  "sign_up.back": "返回登录",
  "sign_up.make_title": "创建你的账户",
  "sign_up.user_name": "用户名",
  "sign_up.user_name_hint": "用于登录。最多 50 个字符，不能包含 @ < > / 和引号。",
  "sign_up.display_name": "姓名",
  "sign_up.display_name_hint": "别人如何称呼你。可以留空。",
  "sign_up.make": "创建账户",
  "sign_up.done": "账户已创建，现在可以登录了。",

  "forgotten.title": "忘记密码",
  "forgotten.why": "我们会向账户的邮箱发送一个链接，用来设置新密码。",
  "forgotten.submit": "发送链接",
  "forgotten.sent": "如果存在这样的账户并且留有邮箱，链接已经发出，30 分钟内有效。",

  "reset.why": "以后用它登录。已登录的设备都会退出；第二因素保持不变。",
  "reset.hint":
    "至少 15 个字符；需要双重验证时至少 8 个。可以使用任何字符，用几个词组成就是好密码。",
  "reset.submit": "保存",
  "reset.done": "密码已更改，现在可以用它登录了。",

  "bind.title": "设置双重验证",
  "bind.why": "除密码外，你的账户还需要第二因素保护。设置后即可登录。",

  "verify.title": "双重验证",
  "verify.submit": "验证",
  "verify.trust": (days) => (days === 0 ? "信任此设备" : `在 ${days} 天内信任此设备`),
  "verify.trust_hint": "在此期间，此设备只需密码即可登录。请只信任仅由你使用的设备。",

  "new_password.title": "设置新密码",
  "new_password.why": "初始密码只能用于这一次登录。",
  "new_password.submit": "保存并登录",

  "expired.title": "已超时",
  "expired.why": "双重验证已过期，请重新登录。",
  "expired.again": "重新登录",
};
