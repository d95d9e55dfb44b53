// Binding and proving: the same while signing in and inside a session.

export const sentences = {
  new_password: "新密码",
  "new_password.hint": (least) =>
    `至少 ${least} 个字符。可以使用任何字符，用几个词组成就是好密码。`,
  code: "验证码",
  "code.hint": "验证器应用当前显示的六位数字。",

  "bind.which": "你想使用哪种方式？",
  "bind.scan": "用验证器应用扫描此二维码。",
  "bind.qr": "包含设置密钥的二维码",
  "bind.key": "或在应用中输入设置密钥：",
  "bind.open": "在此设备的应用中打开",
  "bind.enter": "输入应用显示的验证码。",
  "bind.submit": "绑定",
  "bind.passkey":
    "通行密钥保存在此设备、你的手机或安全密钥中，用解锁该设备的方式即可使用。",
  "bind.passkey_submit": "创建通行密钥",

  "passkey.name": "名称",
  "passkey.name_hint": "给这台设备起的名字，例如“灰色笔记本”。可以留空。",

  "bind.other": "此类验证方式无法在这里设置。",

  "message.phone": "手机号",
  "message.phone_hint": "以 + 和国家代码开头，例如 +8613812345678。验证码会发送到此号码。",
  "message.email": "邮箱",
  "message.send": "发送验证码",
  "message.send_again": "重新发送验证码",
  "message.sent": (receiver, digits) =>
    `${digits} 位验证码已发送至 ${receiver}，五分钟内有效。`,
  "message.wait": (seconds) => `${seconds} 秒后可以重新发送。`,
  "message.code_hint": "请输入最近收到的验证码。",
  "message.change_phone": "更换号码",
  "message.change_email": "更换邮箱",

  "verify.which": "用哪种方式验证",
  "verify.passkey": "继续后，浏览器会请你使用通行密钥。",

  "recovery.title": "你的恢复码",
  "recovery.why":
    "验证器丢失时，可以用恢复码代替，每个只能使用一次。恢复码只显示这一次：请保存在没有手机也能找到的地方。",
  "recovery.list": "恢复码",
  "recovery.download": "下载",
  "recovery.print": "打印",
  "recovery.kept": "我已妥善保存",
  "recovery.use": "使用恢复码",
  "recovery.use_other": "使用验证器",
  "recovery.code": "恢复码",
  "recovery.code_hint": "十六位字母和数字，每个只能使用一次。",

  "proof.title": "请确认是你本人",
  "proof.why": "此更改需要重新验证，请再次使用你的一个验证器。",
  "proof.password_why": "此更改需要重新验证，请再次输入密码。",
  "proof.submit": "确认",
  "proof.sign_in_title": "请重新登录",
  "proof.sign_in_why": "此更改需要重新验证，而你上次登录的时间已太久。",
  "proof.sign_in": "重新登录",

  "type.password": "密码",
  "type.totp": "验证器应用",
  "type.sms": "短信",
  "type.email": "邮件",
  "type.passkey": "通行密钥",
  "type.recovery": "恢复码",
};
