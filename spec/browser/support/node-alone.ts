/** The specs of the client that run in Node alone, and why. By their file, or by their full title. */
export const NODE_ALONE: Readonly<Record<string, string>> = {
  'index.spec.ts': 'it bundles the client, starts a process, and reads the route table of the kit',
  "the client's fetch where a request has a body sends it again, and what is done is done once: a stream":
    'Chromium sends streams by HTTP/2 alone',
  "the client's fetch asks no relative address where there is no page": 'there is a page',
  'createAuthClient takes no relative address where there is no page': 'there is a page',
};
