// 总体情况，一目了然。

export const sentences = {
  "overview.title": "概览",
  "overview.as_of": (moment) => `截至 ${moment}。`,
  "overview.now": "当前",
  "overview.percent": (number) => `${number}%`,
  "overview.users": "位用户",
  "overview.bound": (bound, users) => `已绑定第二因素：${users} 人中的 ${bound} 人`,
  "overview.administrators": (_) => "位管理员",
  "overview.locked": (_) => "个账户被锁定",
  "overview.disabled": (_) => "位用户被停用",
  "overview.pending": (_) => "项设置更改待生效",
  "overview.requests": (_) => "个重置申请待处理",

  "enforcement.administrators": "管理员登录时需要双重验证。",
  "enforcement.everyone": "所有人登录时都需要双重验证。",

  "overview.adoption": "双重验证普及情况",
  "overview.adoption_why": "用户总数，以及其中已绑定第二因素的用户数。",
  "overview.adoption_on": (day, bound, users) =>
    `${day}：${users} 位用户中有 ${bound} 位已绑定第二因素。`,
  "overview.no_adoption": "从明天起，这里会显示普及情况的变化。",
  "overview.all_users": "全部用户",
  "overview.bound_users": "已绑定第二因素",
  "overview.day": "日期",

  "overview.sign_ins": "最近 48 小时的登录",
  "overview.sign_ins_why": "每小时成功和被拒绝的登录次数。",
  "overview.sign_ins_are": (completed, refused) =>
    `成功登录 ${completed} 次，被拒绝 ${refused} 次。`,
  "overview.no_sign_ins": "这段时间还没有人登录。",
  "overview.completed": "成功",
  "overview.refused": "被拒绝",
  "overview.hour": "时间",
  "overview.hours_ago": (number) => (number === 0 ? "当前小时" : `${number} 小时前`),

  "overview.kinds": "第二因素",
  "overview.kinds_why": "绑定了多种的用户，每种都会计入。",
  "overview.no_kinds": "还没有人绑定第二因素。",
  "overview.of_users": (number, percent) => `${number} 位用户（${percent}%）`,

  "overview.messages": "消息",
  "overview.messages_why":
    "验证码通过短信和邮件发送，用于绑定和验证；每一类都有各自独立、大小相同的额度。",
  "overview.alarm": "发出的验证码很少被使用，可能有人在恶意消耗你的消息费用。请查看审计日志。",
  "overview.sent": (hour, today) => `最近一小时 ${hour} 条，今天 ${today} 条。`,
  "overview.budget": "用得最多的额度",
  "overview.of_budget": (sent, most) => `每小时 ${most} 条，已用 ${sent} 条`,
  "overview.verified": "今天已使用的验证码",
  "overview.of_sent": (number, percent) => `${number} 个（${percent}%）`,

  "chart.numbers": "以表格查看数据",
};
