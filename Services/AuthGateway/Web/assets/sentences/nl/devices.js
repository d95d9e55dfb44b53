// Hoe browsers heten, en waar ze zijn.

export const sentences = {
  "device.on": (program, system) => `${program} op ${system}`,
  "device.from": (place) => `vanaf ${place}`,
  "device.unknown": "Onbekend apparaat",
};
