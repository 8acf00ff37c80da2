import type { Change } from './changes.js';
import type { OtherServer } from './other-server.js';

/** Something that an attacker aims at: a change by its whole address. */
export interface Target extends Change {
  url: string;
}

/** A page of an attacker's, and what its requests look like to the app. */
export interface Attack {
  /** What to wait for: the method by which each target is asked, `OPTIONS` by a browser that asks first. */
  arrives: 'POST' | 'GET' | 'OPTIONS' | 'nothing';
  /** Whether the victim's cookies come with it: if absent, from the same site alone. */
  cookies?: 'always' | 'never';
  /** Its markup. What its script learns, it leaves in `learnt`. */
  page(targets: readonly Target[], other: OtherServer): string;
}

/** A page whose script sends something to each target, and keeps what it can read of the answer. */
const script = (arrives: Attack['arrives'], send: string): Attack => ({
  arrives,
  page: (targets) => `<script>
const include = { method: 'POST', mode: 'no-cors', credentials: 'include' };
const cors = { ...include, mode: 'cors' };
const json = (fields) => JSON.stringify(fields);
const form = (fields) => new URLSearchParams(fields);
const multipart = (fields) => { const data = new FormData(); for (const name in fields) data.set(name, fields[name]); return data; };
const send = ${send};
const learn = async (target) => {
  try { const answer = await send(target); return answer.text ? answer.type + answer.status + await answer.text() : 'sent'; }
  catch (error) { return error.name; }
};
const learnt = Promise.all(${JSON.stringify(targets)}.map(learn));
</script>`,
});

/** What a script reads that reads nothing. */
export const NOTHING = ['opaque0', 'TypeError', 'NetworkError', 'SecurityError', 'sent'];

const attribute = (text: string) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');

const input = (name: string, value: unknown) =>
  `<input type="hidden" name="${attribute(name)}" value="${attribute(String(value))}">`;

const inputsOf = ({ fields }: Change) =>
  Object.entries(fields)
    .map(([name, value]) => input(name, value))
    .join('');

const SUBMIT_ALL =
  '<script>for (const form of document.forms) HTMLFormElement.prototype.submit.call(form)</script>';

interface Form {
  /** Where its answer is shown: in a frame each, unless it is a window. */
  shownIn?: 'frame' | 'window';
  attributes?: string;
  head?: string;
  inputs?: (target: Target) => string;
  action?: (target: Target, other: OtherServer) => string;
}

/** A page with a form for each target, which sends itself. */
const forms = ({ shownIn = 'frame', attributes = '', head = '', ...form }: Form): Attack => ({
  arrives: 'POST',
  page: (targets, other) => {
    const { inputs = inputsOf, action = ({ url }) => url } = form;
    const markup = targets.map((target, index) => {
      const where = shownIn === 'frame' ? `frame-${index}` : '_blank';
      const frame = shownIn === 'frame' ? `<iframe name="${where}"></iframe>` : '';
      return `${frame}<form method="post" target="${where}" action="${action(target, other)}" ${attributes}>${inputs(target)}</form>`;
    });
    return head + markup.join('') + SUBMIT_ALL;
  },
});

/** JSON as what a form sends as text: the sign between name and value becomes part of a field that nobody reads. */
const jsonInput = ({ fields }: Target) =>
  input(`${JSON.stringify({ ...fields, rest: '' }).slice(0, -2)}`, '"}');

const sandboxed = (attack: Attack, sandbox: string): Attack => ({
  ...attack,
  cookies: 'never',
  page: (targets, other) =>
    `<iframe sandbox="${sandbox}" srcdoc="${attribute(attack.page(targets, other))}"></iframe>`,
});

/** An address that asks for a change in its query. */
const asked = ({ url, method, fields }: Target) =>
  `${url}?${new URLSearchParams({ ...fields, _method: method } as Record<string, string>)}`;

const elements = (markup: (url: string) => string, end = ''): Attack => ({
  arrives: 'GET',
  page: (targets) => targets.map((target) => markup(attribute(asked(target)))).join('') + end,
});

export const ATTACKS: Readonly<Record<string, Attack>> = {
  'a form in a window': forms({ shownIn: 'window' }),
  'a form': forms({}),
  'a multipart form': forms({ attributes: 'enctype="multipart/form-data"' }),
  'a form of text that is JSON': forms({ attributes: 'enctype="text/plain"', inputs: jsonInput }),
  'a form without a referrer': forms({ head: '<meta name="referrer" content="no-referrer">' }),
  'a form that says it is another method': forms({
    inputs: (target) => inputsOf(target) + input('_method', target.method),
  }),
  'a form that its own server sends on': forms({
    action: ({ url }, { port }) => `http://127.0.0.1:${port}/?to=${encodeURIComponent(url)}`,
  }),
  'a form in a sandbox': sandboxed(forms({}), 'allow-forms allow-scripts'),
  'a script that sends a form': script(
    'POST',
    '({ url, fields }) => fetch(url, { ...include, body: form(fields) })',
  ),
  'a script that sends a form as a page would': script(
    'POST',
    `({ url, fields }) => fetch(url, { ...include, headers: { accept: 'text/html' }, body: form(fields) })`,
  ),
  'a script that sends such a form without a referrer': script(
    'POST',
    `({ url, fields }) => fetch(url, { ...include, referrerPolicy: 'no-referrer', headers: { accept: 'text/html' }, body: form(fields) })`,
  ),
  'a script that sends a form and wants to read the answer': script(
    'POST',
    `({ url, fields }) => fetch(url, { ...cors, headers: { accept: 'text/html' }, body: form(fields) })`,
  ),
  'a script that goes on when its page is left': script(
    'POST',
    `({ url, fields }) => fetch(url, { ...include, keepalive: true, headers: { accept: 'text/html' }, body: form(fields) })`,
  ),
  'a script that sends a multipart form': script(
    'POST',
    '({ url, fields }) => fetch(url, { ...include, body: multipart(fields) })',
  ),
  'a script that sends JSON as text': script(
    'POST',
    '({ url, fields }) => fetch(url, { ...include, body: json(fields) })',
  ),
  'a script that sends JSON as text and wants to read the answer': script(
    'POST',
    '({ url, fields }) => fetch(url, { ...cors, body: json(fields) })',
  ),
  'a script that sends JSON of no type': script(
    'POST',
    '({ url, fields }) => fetch(url, { ...include, body: new Blob([json(fields)]) })',
  ),
  'a script that sends nothing': script('POST', '({ url }) => fetch(url, include)'),
  'a script that says it sends JSON': script(
    'OPTIONS',
    `({ url, fields }) => fetch(url, { ...cors, headers: { 'content-type': 'application/json' }, body: json(fields) })`,
  ),
  'a script that asks for cookies': script(
    'OPTIONS',
    `({ url, fields }) => fetch(url, { ...cors, headers: { 'x-auth-mode': 'cookies' }, body: form(fields) })`,
  ),
  'a script that names another method in a header': script(
    'OPTIONS',
    `({ url, method, fields }) => fetch(url, { ...cors, headers: { 'x-http-method-override': method }, body: form(fields) })`,
  ),
  ...Object.fromEntries(
    ['PUT', 'PATCH', 'DELETE'].map((method) => [
      `a script that sends ${method}`,
      script(
        'OPTIONS',
        `({ url, fields }) => fetch(url, { ...cors, method: '${method}', body: json(fields) })`,
      ),
    ]),
  ),
  'a script that asks for what the page is not': script(
    'nothing',
    `({ url, fields }) => fetch(url, { ...include, mode: 'same-origin', body: form(fields) })`,
  ),
  'a script that says it navigates': script(
    'nothing',
    `({ url, fields }) => fetch(url, { ...include, mode: 'navigate', body: form(fields) })`,
  ),
  'an XMLHttpRequest': script(
    'POST',
    `({ url, fields }) => new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open('POST', url);
      request.withCredentials = true;
      request.onload = () => resolve({ type: 'read', status: request.status, text: () => request.responseText });
      request.onerror = () => reject(new DOMException('', 'NetworkError'));
      request.send(form(fields));
    })`,
  ),
  'a beacon with a form': script('POST', '({ url, fields }) => navigator.sendBeacon(url, form(fields))'),
  'a beacon with text': script('POST', '({ url, fields }) => navigator.sendBeacon(url, json(fields))'),
  'a beacon with JSON': script(
    'OPTIONS',
    `({ url, fields }) => navigator.sendBeacon(url, new Blob([json(fields)], { type: 'application/json' }))`,
  ),
  'a script that gets': script('GET', `({ url }) => fetch(url, { ...include, method: 'GET' })`),
  images: elements((url) => `<img src="${url}">`),
  scripts: elements((url) => `<script src="${url}"></script>`),
  'style sheets': elements((url) => `<link rel="stylesheet" href="${url}">`),
  frames: elements(
    (url) => `<iframe src="${url}"></iframe>`,
    `<script>
const read = (frame) => { try { return frame.contentWindow.document.body.innerText || 'sent'; } catch (error) { return error.name; } };
const learnt = () => [...document.querySelectorAll('iframe')].map(read);
</script>`,
  ),
  'links that are fetched before anybody follows them': elements(
    (url) => `<link rel="prefetch" href="${url}">`,
  ),
  'new windows': {
    arrives: 'GET',
    cookies: 'always',
    page: (targets) => `<script>
const windows = ${JSON.stringify(targets.map(asked))}.map((url) => open(url));
const read = (other) => { try { return other.document.body.innerText || 'sent'; } catch (error) { return error.name; } };
const learnt = () => windows.map(read);
</script>`,
  },
};

/** No attack, but what a page sends that may. */
export const AS_A_PAGE_OF_OURS = script(
  'nothing',
  `({ url, method, fields, isForm }) => fetch(url, {
    ...cors,
    method,
    headers: isForm ? { accept: 'text/html' } : { 'content-type': 'application/json', 'x-auth-mode': 'cookies' },
    body: isForm ? form(fields) : json(fields),
  })`,
);
