// Layer: StationWeb/Page. Uses: nothing. Used by: app.js and the views.
// Asks the station: one function for answers, a short queue for charts, and the loop that notices what is new.

/** What the page knows of the station as a whole. `info`: the last answer of /api/v1/station. */
export const station = { info: null, isReachable: null, failedSince: null, clockOffset: 0 };

/** The station's clock in seconds since 1970; the browser may run on another machine, behind a tunnel. */
export function now() {
  return Date.now() / 1000 + station.clockOffset;
}

/** An answer that says no: `message` is the station's, or says that there was none. */
export class APIError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** The address of a resource; parameters that are null or empty are left out. */
export function address(path, parameters = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined && value !== "") query.set(name, value);
  }
  const tail = query.toString();
  return `/api/v1/${path}${tail ? `?${tail}` : ""}`;
}

/** Gets a resource as JSON. Throws `APIError`, status 0 when the station doesn't answer within ten seconds. */
export async function get(path, parameters, signal) {
  const limit = AbortSignal.timeout(path === "station" ? 4000 : 10000);
  let response, body;
  try {
    response = await fetch(address(path, parameters), {
      headers: { Accept: "application/json" }, cache: "no-store",
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    body = await response.json();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new APIError(response?.status ?? 0, response ? "The answer can't be read." : "The station doesn't answer.");
  }
  if (response.ok) return body;
  throw new APIError(response.status, body?.error?.message ?? `The station answers ${response.status}.`);
}

/** Why there is no answer, or null when nobody wants it any more. Our own faults go on to the console. */
export function reason(error) {
  if (error instanceof APIError) return error.message;
  if (error?.name === "AbortError") return null;
  throw error;
}

// Charts queue up here, four at a time, so that the question for the state never waits behind fifty of them.
const waiting = [];
let running = 0;

/** Like `get`, in turn with other charts. */
export function getInTurn(path, parameters, signal) {
  return new Promise((resolve, reject) => {
    waiting.push(() => {
      if (signal?.aborted) return reject(signal.reason);
      return get(path, parameters, signal).then(resolve, reject);
    });
    next();
  });
}

function next() {
  if (running >= 4 || waiting.length === 0) return;
  running += 1;
  Promise.resolve(waiting.shift()()).finally(() => {
    running -= 1;
    next();
  });
}

const SECONDS_SHOWN = 2;
const SECONDS_HIDDEN = 20;

/**
 * Asks for the state every two seconds, every twenty in a hidden tab, for ever. `onState` is called after each answer
 * or failure with what changed: {sequence, reachable} (true when it did).
 */
export function watch(onState) {
  let timer = null;
  let isAsking = false;

  async function ask() {
    if (isAsking) return;
    isAsking = true;
    clearTimeout(timer);
    const before = { sequence: station.info?.sequence, started: station.info?.started, ok: station.isReachable };
    try {
      const info = await get("station");
      if (typeof info.now === "number") station.clockOffset = info.now - Date.now() / 1000;
      station.info = info;
      station.isReachable = true;
      station.failedSince = null;
    } catch {
      station.failedSince ??= Date.now() / 1000;
      station.isReachable = false;
    }
    isAsking = false;
    timer = setTimeout(ask, (document.hidden ? SECONDS_HIDDEN : SECONDS_SHOWN) * 1000);
    onState({
      // A station that started again counts from the beginning: that is news as well.
      sequence: station.isReachable
        && (before.sequence !== station.info.sequence || before.started !== station.info.started || !before.ok),
      reachable: before.ok !== station.isReachable,
    });
  }

  document.addEventListener("visibilitychange", () => document.hidden || ask());
  addEventListener("online", ask);
  ask();
}
