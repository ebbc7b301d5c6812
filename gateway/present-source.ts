import type { PanelSource } from "./panel/source.ts";

/**
 * One source for the life of the panel, whichever stands behind it at the time of a question: routes and streams hold it
 * and what hangs on it.
 */
export function presentSource(now: () => PanelSource): PanelSource {
  return {
    response: present(() => now().response),
    stock: present(() => now().stock),
    configurations: present(() => now().configurations),
    gateway: () => now().gateway(),
    points: () => now().points(),
    alarms: () => now().alarms(),
    outputs: () => now().outputs(),
    sync: () => now().sync(),
    syncDetail: () => now().syncDetail(),
    notices: () => now().notices(),
    history: (point, from, to, limit) => now().history(point, from, to, limit),
    acknowledge: (alarm, person, comment) => now().acknowledge(alarm, person, comment),
    silence: (minutes, person) => now().silence(minutes, person),
    testOutput: (key, person) => now().testOutput(key, person),
    readState: (prefix) => now().readState(prefix),
    writeState: (state) => now().writeState(state),
    audit: (action, person, fields) => now().audit(action, person, fields),
    report: (asked) => now().report(asked),
    metrics: () => now().metrics(),
  };
}

/** The methods of whatever `now` says, each looked up when it is called. */
function present<T extends object>(now: () => T): T {
  // What it is made of is never asked: every property is looked up.
  const nothing: T = Object.create(null);
  return new Proxy(nothing, {
    get(_, key) {
      const object = now();
      const value: unknown = Reflect.get(object, key);
      return typeof value === "function" ? value.bind(object) : value;
    },
  });
}
