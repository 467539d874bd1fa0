"use strict";

/**
 * What goes wrong on purpose, and what was asked for. Told over HTTP below /_peer/:
 *
 *   POST   /_peer/faults    {action, times, skip, kind, method, path, status, substatus, retry_after_ms, seconds}
 *   DELETE /_peer/faults    ends all faults and lets go of who hangs
 *   GET    /_peer/requests  the list of requests, oldest first
 *   DELETE /_peer/requests  begins a new one
 *   POST   /_peer/clock     {ahead}: seconds that the server's clock is ahead, for what expires
 *
 * Actions: answer (with a status), drop (the connection, before anything is done), drop_after (when it is done, instead of
 * the answer), hang (nothing is done, nothing answered), hang_after (done, never answered), delay (by seconds, then done).
 * A fault holds for the next `times` requests (all, when it is left out) of the kind, method and path (a regular
 * expression), after `skip` of them have passed.
 */

const faults = [];
const requests = [];
const hung = new Set();

function add(fault) {
  faults.push({ action: "answer", times: Infinity, skip: 0, status: 503, ...fault });
}

function clear() {
  faults.length = 0;
  hung.forEach(socket => socket.destroy());
  hung.clear();
}

function hang(socket) {
  hung.add(socket);
}

/** The fault that a request meets, if any; it counts as used. */
function next(kind, method, path) {
  for (const fault of faults) {
    const kinds = fault.kind === undefined ? [kind] : [].concat(fault.kind);
    const fits =
      kinds.includes(kind) &&
      (fault.method === undefined || fault.method === method) &&
      (fault.path === undefined || new RegExp(fault.path).test(path));
    if (fits && fault.skip > 0) fault.skip -= 1;
    else if (fits && fault.times > 0) {
      fault.times -= 1;
      return fault;
    }
  }
  return undefined;
}

module.exports = { add, clear, hang, next, requests };
