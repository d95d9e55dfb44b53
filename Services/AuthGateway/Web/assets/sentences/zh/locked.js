// 已锁定的账户，以及等待另一位管理员批准的重置。

export const sentences = {
  "locked.title": "已锁定的账户与重置申请",
  "locked.accounts": "已锁定的账户",
  "locked.why":
    "连续失败次数过多后，验证器会在一段时间内不接受尝试；用户以前登录过的浏览器不受影响。",
  "locked.none": "没有账户被锁定。",
  "locked.failed": (number) => `失败 ${number} 次`,
  "locked.since": (moment) => `最近一次：${moment}`,
  "locked.until": (moment) => `${moment} 起可以重新尝试`,
  "locked.disabled": "已停用，不会自动解除",
  "locked.user_disabled": "用户已停用",
  "locked.unlock": "解锁",
  "locked.unlock_named": (name) => `解锁 ${name}`,
  "locked.unlock_title": (name) => `解锁 ${name}？`,
  "locked.unlock_why": "失败记录会被清除，可以重新尝试。请确认之前失败的是用户本人。",
  "locked.unlocked": (name, number) => `已解锁 ${name} 的 ${number} 个验证器。`,
  "locked.still_disabled": (number) =>
    `仍有 ${number} 个第二因素处于停用状态，可在该用户的页面重置。`,

  "requests.title": "等待批准的重置",
  "requests.why":
    "移除管理员的第二因素需要另外两位管理员：一位申请，再由两人以外的另一位批准。",
  "requests.none": "没有等待批准的申请。",
  "requests.asked": (name, moment) => `${name} 于 ${moment} 申请`,
  "requests.until": (moment) => `有效期至 ${moment}`,
  "requests.reason": (reason) => `原因：${reason}`,
  "requests.another": "需要由另一位管理员批准。",
  "requests.approve": "批准",
  "requests.approve_named": (name) => `批准重置 ${name}`,
  "requests.approve_title": (name) => `重置 ${name} 的第二因素？`,
  "requests.approve_why":
    "所有第二因素和恢复码都会被移除，所有会话立即结束，下次登录时需要重新绑定。"
    + "请确认这是当事人本人的意愿。",
  "requests.approve_done": (name) => `已移除 ${name} 的第二因素。`,
  "requests.refuse": "拒绝",
  "requests.refuse_named": (name) => `拒绝重置 ${name}`,
  "requests.refuse_title": (name) => `拒绝重置 ${name}？`,
  "requests.refuse_why": "不会做任何更改，此申请也不能再被批准。",
  "requests.refuse_done": (name) => `已拒绝重置 ${name}。`,
};
