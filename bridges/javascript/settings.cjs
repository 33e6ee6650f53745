// Settings of a bridge, from the environment; empty counts as absent. A library names its own in its folder.
"use strict";

const text = (name, fallback) => process.env[`BRIDGE_${name}`] || fallback;
const number = (name, fallback) => Number(text(name, fallback));

function address(url) {
  const { hostname, port, pathname } = new URL(url);
  return { host: hostname, port: Number(port), db: Number(pathname.slice(1) || 0) };
}

module.exports = {
  number,
  // The Redis of the library: the one that outages may touch.
  QUEUE: address(text("QUEUE_URL", "redis://127.0.0.1:6379/0")),
  // The Redis of the bridge itself: never the library's.
  OWN_URL: text("OWN_URL", "redis://127.0.0.1:6380/0"),
};
