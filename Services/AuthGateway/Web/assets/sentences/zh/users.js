// 用户。

export const sentences = {
  "users.title": "用户",
  "users.search": "搜索",
  "users.search_hint": "用户名、邮箱或手机号的开头部分。",
  "users.only": "显示",
  "users.only_all": "全部用户",
  "users.only_bound": "已绑定第二因素",
  "users.only_not_bound": "未绑定第二因素",
  "users.only_locked": "已锁定",
  "users.only_disabled": "已停用",
  "users.only_administrators": "管理员",
  "users.find": "查找",
  "users.none": "没有符合条件的用户。",
  "users.found": (number, more) =>
    more ? `显示前 ${number} 位用户。` : `找到 ${number} 位用户。`,
  "users.administrator": "管理员",
  "users.is_bound": "已绑定第二因素",
  "users.is_not_bound": "未绑定第二因素",
  "users.is_locked": "已锁定",
  "users.is_disabled": "已停用",
  "users.last_sign_in": (moment) => `上次登录：${moment}`,
  "users.never_signed_in": "从未登录",
  "users.create": "新建用户",
  "users.create_why": "系统会显示一个初始密码，由你转交给用户。它只能用于登录一次。",
  "users.create_submit": "新建",
  "users.created": (name) => `已新建用户 ${name}。`,
  "users.invite": "邀请用户",
  "users.invite_why": "用户会收到一封含链接的邮件，自行设置密码。你不会看到密码。",
  "users.invite_submit": "邀请",
  "users.invited": (name, email, moment) =>
    `已邀请 ${name}：链接已发送到 ${email}，有效期至 ${moment}。`,
  "users.invite_again": "重新邀请",
  "users.invite_again_named": (name) => `重新邀请 ${name}`,
  "users.invite_again_title": (name) => `重新邀请 ${name}？`,
  "users.invite_again_why":
    "会通过邮件发送新的链接，之前的链接随即失效。已经设置过密码的用户不能再被邀请。",
};
