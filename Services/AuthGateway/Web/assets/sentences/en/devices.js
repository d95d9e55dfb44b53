// What browsers are called, and where they are.

export const sentences = {
  "device.on": (program, system) => `${program} on ${system}`,
  "device.from": (place) => `from ${place}`,
  "device.unknown": "Unknown device",
};
