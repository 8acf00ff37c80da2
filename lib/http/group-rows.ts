import type { Route } from './route.js';

/** What a router has at one method and path: one row, or one for each media type. */
export interface RowGroup {
  method: Route['method'];
  path: string;
  rows: readonly Route[];
}

/**
 * Checks the rows of a route table, and groups them by what Express tells apart.
 *
 * @param withForms whether rows that only a form reaches, by POST, are among them
 * @throws Error when two rows claim the same method, path and media type; TypeError for what is no row
 */
export function groupRows(routes: readonly Route[], { withForms }: { withForms: boolean }): RowGroup[] {
  for (const route of routes) checkRow(route);
  return groupByPath(withForms ? routes.flatMap(withForm) : routes);
}

/** What a feature in JavaScript may get wrong, and would be told at the first request. */
function checkRow({ method, path, aliases = [], success, handle, rules, accepts }: Route): void {
  const name = `${String(method).toUpperCase()} ${path}`;
  const isRow = typeof handle === 'function' && Number.isInteger(success);
  if (!isRow) throw new TypeError(`${name}: no row of a route table; allowed: what defineRoute returns`);
  const wrong = [path, ...aliases].find((each) => !each.startsWith('/'));
  if (wrong !== undefined)
    throw new TypeError(`${name}: the path ${JSON.stringify(wrong)} given; allowed: one that begins with /`);
  if (rules && !accepts) throw new TypeError(`${name}: rules are for a body, and the row accepts none`);
}

/** A form knows POST alone. */
function withForm(route: Route): Route[] {
  const { formPath } = route;
  return formPath
    ? [route, { ...route, method: 'post', path: formPath, aliases: [], forms: 'only' }]
    : [route];
}

function groupByPath(routes: readonly Route[]): RowGroup[] {
  const groups = new Map<string, RowGroup>();
  for (const route of routes) {
    const { method } = route;
    for (const path of [route.path, ...(route.aliases ?? [])]) {
      const name = `${method.toUpperCase()} ${path}`;
      // To Express these are one path.
      const key = name.toLowerCase().replace(/(?<=\w)\/$/, '');
      const group = groups.get(key) ?? { method, path, rows: [] };
      const isFree = group.rows.every(({ accepts }) => accepts && route.accepts && accepts !== route.accepts);
      if (!isFree) throw new Error(`two features claim the route ${name}`);
      groups.set(key, { ...group, rows: [...group.rows, route] });
    }
  }
  return [...groups.values()];
}
