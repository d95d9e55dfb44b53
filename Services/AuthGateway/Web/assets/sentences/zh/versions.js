// 双重验证设置的版本。

export const sentences = {
  "versions.title": "版本",
  "versions.explanation": "双重验证设置的每次更改都会产生一个版本，每个版本都可以重新启用。",
  "versions.compare_title": "比较两个版本",
  "versions.from": "之前",
  "versions.to": "之后",
  "versions.compare": "比较",
  "versions.between": (from, to) => `从版本 ${from} 到版本 ${to}`,
  "versions.list_title": "全部版本",
  "versions.option": (version, when, name) => `${version}：${when}，${name}`,
  "versions.name": (version) => `版本 ${version}`,
  "versions.in_force": "当前生效",
  "versions.by": (name, when) => `${name}，${when}`,
  "versions.nobody": "安装程序",
  "versions.no_reason": "这是安装时的设置。",
  "versions.changes": "有何变化",
  "versions.changes_named": (version) => `版本 ${version} 有何变化`,
  "versions.restore": "恢复",
  "versions.restore_named": (version) => `恢复版本 ${version}`,
  "versions.restore_title": (version) => `恢复版本 ${version}？`,
  "versions.restore_why": (version) =>
    `将产生一个内容相同的新版本。与当前生效的版本 ${version} 相比，变化如下：`,
  "versions.restored": (restored, version) => `版本 ${restored} 已作为版本 ${version} 重新生效。`,
  "versions.restore_waits": (restored, version) =>
    `版本 ${restored} 会降低要求，因此需要等待；版本 ${version} 继续生效。等待中的更改见双重验证设置。`,
  "versions.more": "显示更早的版本",
};
