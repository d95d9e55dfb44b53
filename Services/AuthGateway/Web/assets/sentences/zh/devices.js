// 浏览器的名称与位置。

export const sentences = {
  "device.on": (program, system) => `${system} 上的 ${program}`,
  "device.from": (place) => `来自 ${place}`,
  "device.unknown": "未知设备",
};
