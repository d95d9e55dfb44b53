// The first step of a sign-in.

export const sentences = {
  "sign_in.title": "登录",
  "sign_in.identifier": "用户名、邮箱或手机号",
  "sign_in.submit": "登录",
  "sign_in.passkey": "使用通行密钥登录",
  "sign_in.signed_out": "你已退出登录。",
  "sign_in.needed": "请先登录。",

  "away.title": "暂时无法登录",

  "sign_up.open": "注册账户",
  "forgotten.open": "忘记密码？",
};
