// 新建或修改用户时要填写的内容，以及初始密码。

export const sentences = {
  "person.user_name": "用户名",
  "person.user_name_hint": "1 到 50 个字符，不能包含 @ < > / 和引号。",
  "person.display_name": "姓名",
  "person.email": "邮箱",
  "person.phone": "手机号",
  "person.phone_hint": "包含国家代码，例如 +8613800138000。",
  "person.locale": "消息语言",
  "person.locale_usual": "系统默认",
  "person.administrator": "管理员",
  "person.initial_password": "初始密码",
  "person.initial_password_title": (name) => `${name} 的初始密码`,
  "person.initial_password_why": "只显示这一次，七天内可用于登录一次。",
};
