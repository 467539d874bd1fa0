"use strict";

const { createHmac, timingSafeEqual } = require("crypto");

/** What a path is about, as the signature names it: the kind of resource, and the resource or its parent. */
function resourceOf(pathname) {
  const parts = pathname.split("/").filter(Boolean).map(decodeURIComponent);
  const ofFeed = parts.length % 2 === 1;
  return [parts[ofFeed ? parts.length - 1 : parts.length - 2] || "", (ofFeed ? parts.slice(0, -1) : parts).join("/")];
}

/** Whether a request is signed with the key, or bears a token (who gave it is not looked at). */
function signed(req, pathname, key) {
  const given = new URLSearchParams(decodeURIComponent(req.headers.authorization || "").replace(/\+/g, "%2B"));
  if (given.get("type") === "aad") return Boolean(given.get("sig"));
  const [kind, resource] = resourceOf(pathname);
  const date = req.headers["x-ms-date"] || "";
  const text = `${req.method.toLowerCase()}\n${kind}\n${resource}\n${date.toLowerCase()}\n\n`;
  const wanted = createHmac("sha256", Buffer.from(key, "base64")).update(text, "utf8").digest();
  const sent = Buffer.from(given.get("sig") || "", "base64");
  return sent.length === wanted.length && timingSafeEqual(sent, wanted);
}

module.exports = { signed };
