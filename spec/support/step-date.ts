const SystemDate = globalThis.Date;
let ahead = 0;

/**
 * Lets the clock of this process step, as an administrator or a time server does: from now on whatever asks `Date` for the
 * time is told another one. Timers go on as they do when a real clock steps: they count by another one.
 *
 * @param ms milliseconds, on top of the steps before
 */
export function stepDate(ms: number): void {
  ahead += ms;
  globalThis.Date = new Proxy(SystemDate, {
    construct: (target, given, newTarget) =>
      Reflect.construct(target, given.length > 0 ? given : [now()], newTarget),
    get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
  });
}

const now = () => SystemDate.now() + ahead;
