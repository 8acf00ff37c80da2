/** Those who wait, each under a name: who comes with many does not keep those out who come with few. */
export interface FairShare {
  /** How many who wait would have their turn before one who came now under this name. */
  aheadOf(name: string): number;
  /** The same, with those who have entered. */
  aheadOfEntering(name: string): number;
  /** How many wait. */
  waiting(): number;
  /** Counts one who will wait soon. @returns to be called once, when that is over */
  enter(name: string): () => void;
  /**
   * Lets one wait. Turns go round: the first of each name, then the second of each.
   *
   * @returns the number of the round, to be ordered by; `end` is to be called when the turn has come, or nobody waits any more
   */
  wait(name: string): { round: number; end(isTurn: boolean): void };
}

interface Lane {
  waiting: number;
  /** Who has entered and not left: some of them wait already, or had their turn. */
  inside: number;
  /** The round of the last one. */
  round: number;
}

/** @param atOnce how many have their turn at a time */
export function createFairShare(atOnce: number): FairShare {
  const lanes = new Map<string, Lane>();
  /** The round that is on. */
  let current = 0;
  let waiting = 0;

  const laneOf = (name: string): Lane => {
    const lane = lanes.get(name) ?? { waiting: 0, inside: 0, round: current };
    lanes.set(name, lane);
    return lane;
  };
  const tidyUp = (name: string, lane: Lane) => {
    if (lane.waiting === 0 && lane.inside === 0) lanes.delete(name);
  };

  /** Of each name no more than have come under this one, and one. */
  const ahead = (what: 'waiting' | 'inside', rounds: number) => {
    let sum = 0;
    for (const lane of lanes.values()) sum += Math.min(lane[what], rounds);
    return sum;
  };

  return {
    aheadOf: (name) => ahead('waiting', (lanes.get(name)?.waiting ?? 0) + 1),
    aheadOfEntering(name) {
      const own = lanes.get(name);
      const rounds = Math.max(own?.waiting ?? 0, own?.inside ?? 0) + 1;
      return Math.max(ahead('waiting', rounds), ahead('inside', rounds) - atOnce);
    },
    waiting: () => waiting,
    enter(name) {
      const lane = laneOf(name);
      lane.inside += 1;
      let isInside = true;
      return () => {
        if (!isInside) return;
        isInside = false;
        lane.inside -= 1;
        tidyUp(name, lane);
      };
    },
    wait(name) {
      const lane = laneOf(name);
      // Those who have gone leave no gap behind that the next ones would have to wait for.
      const next = Math.min(lane.round, current + lane.waiting) + 1;
      const round = lane.waiting > 0 ? Math.max(current, next) : current;
      Object.assign(lane, { round, waiting: lane.waiting + 1 });
      waiting += 1;
      let isOver = false;
      return {
        round,
        end(isTurn) {
          if (isOver) return;
          isOver = true;
          lane.waiting -= 1;
          waiting -= 1;
          if (isTurn) current = Math.max(current, round);
          tidyUp(name, lane);
        },
      };
    },
  };
}
