/** Joins those who want the same: whoever comes while it is under way is given its outcome. */
export function createSingleFlight(): (key: unknown, run: () => Promise<void>) => Promise<void> {
  const flights = new Map<unknown, Promise<void>>();
  return (key, run) => {
    const flight = flights.get(key) ?? run().finally(() => flights.delete(key));
    flights.set(key, flight);
    return flight;
  };
}
